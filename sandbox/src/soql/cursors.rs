//! Open result sets and the locators that name them.
//!
//! A cursor lives two days. Any page of it may be asked for, any number of times.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::Plan;
use crate::org::record_id;
use crate::rest::error::{ApiError, Code};

const LIFETIME_SECONDS: i64 = 2 * 86_400;
/// The oldest are forgotten beyond these, so that abandoned cursors cannot fill the memory.
const MOST_OPEN: usize = 1_000;
/// 80 MB of record numbers.
const MOST_RECORDS: usize = 20_000_000;

/// A fixed result set: values are read when a page is fetched.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    pub(crate) plan: Arc<Plan>,
    pub(crate) numbers: Arc<[u32]>,
}

/// All open cursors, by a serial number.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    open: BTreeMap<u32, (Cursor, i64)>,
    last: u32,
}

impl Cursors {
    /// Keeps a result set; answers the 18 characters its locators begin with.
    pub(crate) fn keep(&mut self, cursor: Cursor, now: i64) -> String {
        self.open.retain(|_, (_, made_at)| now < *made_at + LIFETIME_SECONDS);
        while self.open.len() >= MOST_OPEN || self.records() + cursor.numbers.len() > MOST_RECORDS {
            if self.open.pop_first().is_none() {
                break;
            }
        }
        self.last += 1;
        self.open.insert(self.last, (cursor, now));
        record_id::foreign("0r8", self.last)
    }

    /// The result set and the offset a locator such as `0r8…-2000` names.
    pub(crate) fn find(&self, locator: &str, now: i64) -> Result<(Cursor, usize), ApiError> {
        let invalid = || ApiError::new(Code::InvalidQueryLocator, "invalid query locator");
        let (name, offset) = locator.rsplit_once('-').ok_or_else(invalid)?;
        let offset: usize = offset.parse().map_err(|_| invalid())?;
        let is_named = |(serial, _): &(&u32, &(Cursor, i64))| record_id::foreign("0r8", **serial) == name;
        let found = self.open.iter().find(is_named).map(|(_, it)| it);
        match found {
            Some((cursor, made_at)) if now < made_at + LIFETIME_SECONDS && offset <= cursor.numbers.len() => {
                Ok((cursor.clone(), offset))
            }
            _ => Err(invalid()),
        }
    }

    fn records(&self) -> usize {
        self.open.values().map(|(it, _)| it.numbers.len()).sum()
    }
}
