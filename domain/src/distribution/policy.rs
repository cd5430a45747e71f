//! The distribution policy: reasons to leave a partner out and the order of the others, as a versioned document.

use serde::Deserialize;

use super::{Exclusion, RankingKey};
use crate::rule_order::{InvalidPolicy, check_number, check_total, check_unique, read};

/// The built-in document.
pub const DEFAULT_DISTRIBUTION: &str = include_str!("../../policies/distribution.toml");

/// Reasons, order and capacity. Only a valid document becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionPolicy {
    version: String,
    excluded_if: Vec<Exclusion>,
    ranking: Vec<RankingKey>,
    capacity: u32,
    offer_new_leads: bool,
}

impl Default for DistributionPolicy {
    /// The document of this crate.
    fn default() -> Self {
        Self::parse(DEFAULT_DISTRIBUTION).expect("the document of this crate is valid")
    }
}

impl DistributionPolicy {
    /// Reads a document: known reasons and keys, each once, the last of which always decides.
    pub fn parse(text: &str) -> Result<Self, InvalidPolicy> {
        let policy: Self = read(text)?;
        check_unique("excluded_if", &policy.excluded_if)?;
        check_total("ranking", &policy.ranking, RankingKey::PartnerId)?;
        check_number("version", !policy.version.trim().is_empty(), "name the version")?;
        check_number("capacity", policy.capacity > 0, "at least one lead")?;
        Ok(policy)
    }

    /// The same rules under another name: the store adds a hash to what a document calls itself.
    pub fn named(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// What the version is called.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The reasons that leave a partner out.
    pub fn excluded_if(&self) -> &[Exclusion] {
        &self.excluded_if
    }

    /// The keys, in the order in which they are compared.
    pub fn ranking(&self) -> &[RankingKey] {
        &self.ranking
    }

    /// How many open leads a partner can take, open offers included.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Whether new leads of the vendor's are offered without anyone asking.
    pub fn offers_new_leads(&self) -> bool {
        self.offer_new_leads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, code: &str) {
        assert!(DEFAULT_DISTRIBUTION.contains(from), "{from}");
        let error = DistributionPolicy::parse(&DEFAULT_DISTRIBUTION.replacen(from, to, 1)).unwrap_err();
        let found: &'static str = (&error).into();
        assert_eq!(found, code, "{error}");
    }

    #[test]
    fn the_default_has_every_reason_and_every_key() {
        assert_eq!(DistributionPolicy::default().excluded_if(), Exclusion::ALL);
        assert_eq!(DistributionPolicy::default().ranking(), RankingKey::ALL);
    }

    #[test]
    fn reasons_and_keys_are_known_and_total() {
        check("\"SILENT\"", "\"UNLIKED\"", "POLICY_UNREADABLE");
        check("\"SILENT\"", "\"NOT_ACTIVE\"", "POLICY_RULE_TWICE");
        check("\"TIER_RANK\"", "\"LOUDNESS\"", "POLICY_UNREADABLE");
        check("\"TIER_RANK\"", "\"LAST_OFFER\"", "POLICY_RULE_TWICE");
        check(", \"PARTNER_ID\"", "", "POLICY_NOT_TOTAL");
        check("capacity = 20", "capacity = 0", "POLICY_NUMBER");
    }
}
