//! Product scopes: which of our products a claim, a contract or a territory is about.

use std::collections::BTreeSet;

/// Longest code of a product, in characters.
const LONGEST_CODE: usize = 64;

/// A text that is no product code. Lists are written with commas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a product code has 1 to {LONGEST_CODE} characters, without commas, quotes and control characters; correct it"
)]
pub struct InvalidProduct;

/// The code of one product as somebody entered it.
pub fn product_code(code: &str) -> Result<String, InvalidProduct> {
    let is_odd = |it: char| it.is_control() || matches!(it, ',' | '"' | '\'');
    match code.trim() {
        code if code.is_empty() || code.contains(is_odd) => Err(InvalidProduct),
        code if code.chars().count() > LONGEST_CODE => Err(InvalidProduct),
        code => Ok(code.to_owned()),
    }
}

/// A set of product codes. The empty one means every product.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct ProductScope(BTreeSet<String>);

impl ProductScope {
    /// Every product.
    pub fn all() -> Self {
        Self::default()
    }

    /// The scope of these codes as somebody entered them.
    pub fn checked<'a>(codes: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidProduct> {
        Ok(Self(codes.into_iter().map(product_code).collect::<Result<_, _>>()?))
    }

    /// Whether it means every product.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes named; none when it means every product.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a product belongs to it.
    pub fn covers(&self, product: &str) -> bool {
        self.is_all() || self.0.contains(product)
    }

    /// Whether everything of another scope belongs to it.
    pub fn covers_all_of(&self, other: &Self) -> bool {
        self.is_all() || (!other.is_all() && other.0.is_subset(&self.0))
    }

    /// Whether two scopes have a product in common.
    pub fn intersects(&self, other: &Self) -> bool {
        self.is_all() || other.is_all() || !self.0.is_disjoint(&other.0)
    }
}

impl std::fmt::Display for ProductScope {
    /// The codes, separated by commas; nothing for every product.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.codes().collect::<Vec<_>>().join(","))
    }
}

impl std::str::FromStr for ProductScope {
    type Err = InvalidProduct;

    /// Codes separated by commas; every product when there is nothing.
    fn from_str(text: &str) -> Result<Self, InvalidProduct> {
        match text.trim() {
            "" => Ok(Self::all()),
            list => Self::checked(list.split(',')),
        }
    }
}

impl<T: Into<String>> FromIterator<T> for ProductScope {
    fn from_iter<I: IntoIterator<Item = T>>(codes: I) -> Self {
        Self(codes.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(codes: &str) -> ProductScope {
        codes.split_whitespace().collect()
    }

    #[test]
    fn no_code_means_every_product() {
        assert!(scope("").intersects(&scope("X")));
        assert!(scope("").covers_all_of(&scope("X Y")));
        assert!(!scope("X").covers_all_of(&scope("")));
    }

    #[test]
    fn a_scope_reads_back_as_written() {
        for text in ["", "X", "CLOUD-1,X"] {
            assert_eq!(text.parse::<ProductScope>().unwrap().to_string(), text);
        }
        for wrong in [vec![""], vec!["X", " "], vec!["a,b"], vec!["\u{7}"], vec!["\""]] {
            assert_eq!(ProductScope::checked(wrong.clone()), Err(InvalidProduct), "{wrong:?}");
        }
    }

    #[test]
    fn scopes_meet_in_a_common_product() {
        assert!(scope("X Y").intersects(&scope("Y Z")));
        assert!(!scope("X").intersects(&scope("Y")));
        assert!(scope("X Y").covers_all_of(&scope("Y")));
        assert!(!scope("X").covers("Y"));
    }
}
