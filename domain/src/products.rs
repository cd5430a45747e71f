//! Product scopes: which of our products a claim, a contract or a territory is about.

use std::collections::BTreeSet;

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
    fn scopes_meet_in_a_common_product() {
        assert!(scope("X Y").intersects(&scope("Y Z")));
        assert!(!scope("X").intersects(&scope("Y")));
        assert!(scope("X Y").covers_all_of(&scope("Y")));
        assert!(!scope("X").covers("Y"));
    }
}
