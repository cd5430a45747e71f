//! Several codes in one column, separated by commas.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The codes as they are stored.
pub fn join_codes<T: ToString>(codes: &BTreeSet<T>) -> String {
    codes.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

/// The codes that were stored. A broken one is an error: without it the list would mean something else.
pub fn split_codes<T>(text: &str) -> Result<BTreeSet<T>>
where
    T: FromStr + Ord,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let codes = text.split(',').filter(|it| !it.is_empty());
    codes.map(|it| it.parse().map_err(|it: T::Err| Error::internal(it))).collect()
}
