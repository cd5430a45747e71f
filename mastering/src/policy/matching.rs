//! The matching document: what each piece of evidence is worth, and which score means what.

use std::sync::Arc;

use serde::Deserialize;

use super::points::{Points, PointsText, Rarity, RarityText, require};
use super::{PolicyError, fingerprinted};
use crate::matching::evidence::Comparison;

/// How records are matched.
#[derive(Debug, Clone)]
pub struct MatchingPolicy {
    version: Arc<str>,
    /// Least scores of the bands of organisations.
    pub bands: Thresholds<u8>,
    /// Least weights of the bands of persons, in log-odds: every ten are ten times likelier.
    pub person_bands: Thresholds<i32>,
    /// Least likeness (Jaro–Winkler, 0 to 1) of two similar names of organisations.
    pub name_similarity: f64,
    /// Least score at which a lead is linked to an account. A link moves no values.
    pub link_at: u8,
    /// Different identifiers that must agree before records join without being asked.
    pub independent_identifiers: usize,
    /// Whether two live records of one system join only on identity, see [`crate::matching::compare_within_system`].
    pub is_careful_within_system: bool,
    /// Records that a group may hold before joins are referred to a person.
    pub largest_group: usize,
    /// Records that a key may gather before it says too little to compare them.
    pub largest_block: usize,
    /// Names that may share a personal value before it belongs to nobody.
    pub hub_names: usize,
    /// Evidence that keeps a pair out of one group, though each agrees with a third.
    pub clear_difference: i32,
    /// Most that company, switchboard and address are worth together for persons: colleagues share them.
    pub workplace_limit: i32,
    prior: i32,
    persons: Points,
    organisations: Points,
    rarity: Arc<Rarity>,
}

/// Where the bands begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds<T> {
    /// Joined without being asked.
    pub auto: T,
    /// Asked.
    pub review: T,
    /// Looked at by conflict checks only.
    pub possible: T,
}

impl<T: Copy + Ord> Thresholds<T> {
    fn require_falling(&self, key: &str) -> Result<(), PolicyError> {
        let is_falling = self.review <= self.auto && self.possible <= self.review;
        require(is_falling, key, "falling: auto ≥ review ≥ possible")
    }
}

impl MatchingPolicy {
    /// Reads and validates a document.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let document: Document = toml::from_str(text)?;
        document.validate()?;
        Ok(Self {
            version: Arc::from(fingerprinted(&document.version, text)),
            bands: document.bands,
            person_bands: document.person_bands,
            name_similarity: document.name_similarity,
            link_at: document.link_at,
            independent_identifiers: document.independent_identifiers,
            is_careful_within_system: document.careful_within_system,
            largest_group: document.largest_group,
            largest_block: document.largest_block,
            hub_names: document.hub_names,
            clear_difference: document.clear_difference,
            workplace_limit: document.workplace_limit,
            prior: document.prior,
            persons: Points::parse("persons", &document.persons)?,
            organisations: Points::parse("organisations", &document.organisations)?,
            rarity: Arc::new(Rarity::parse(&document.rarity)?),
        })
    }

    /// Declared version and short hash of the document.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Log-odds that two persons are one before anything is compared.
    pub fn prior(&self) -> i32 {
        self.prior
    }

    /// What agreement on this very value is worth beside the points of its comparison.
    pub(crate) fn rarity(&self, of: Comparison, value: &str) -> i32 {
        self.rarity.of(of, value)
    }

    /// Whether the comparison looks at how rare its values are.
    pub(crate) fn has_rarity(&self, of: Comparison) -> bool {
        self.rarity.has(of)
    }

    pub(crate) fn persons(&self) -> &Points {
        &self.persons
    }

    pub(crate) fn organisations(&self) -> &Points {
        &self.organisations
    }

    /// Whether leads find the same accounts by both policies, as long as the accounts are the same: by score and under keys
    /// that are not crowded. How records are joined does not count.
    pub fn links_leads_like(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.link_at, it.name_similarity, it.largest_block);
        of(self) == of(other) && self.organisations == other.organisations
    }

    /// The same policy with another prior and other rarities.
    pub(crate) fn with_frequencies(&self, prior: i32, rarity: Rarity) -> Self {
        Self { prior, rarity: Arc::new(rarity), ..self.clone() }
    }

    /// The same policy with other points for persons.
    pub(crate) fn with_persons(&self, persons: Points) -> Self {
        Self { persons, ..self.clone() }
    }

    pub(crate) fn rarities(&self) -> &Rarity {
        &self.rarity
    }
}

impl Default for MatchingPolicy {
    fn default() -> Self {
        Self::parse(include_str!("../../policies/matching.toml")).expect("a test parses the default policy")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    bands: Thresholds<u8>,
    person_bands: Thresholds<i32>,
    name_similarity: f64,
    link_at: u8,
    independent_identifiers: usize,
    careful_within_system: bool,
    largest_group: usize,
    largest_block: usize,
    hub_names: usize,
    clear_difference: i32,
    workplace_limit: i32,
    prior: i32,
    persons: PointsText,
    organisations: PointsText,
    #[serde(default)]
    rarity: RarityText,
}

impl Document {
    fn validate(&self) -> Result<(), PolicyError> {
        self.bands.require_falling("bands")?;
        require(self.bands.auto <= 100, "bands", "100 at most")?;
        self.person_bands.require_falling("person_bands")?;
        require(self.link_at <= 100, "link_at", "0 to 100")?;
        require((0.0..=1.0).contains(&self.name_similarity), "name_similarity", "0 to 1")?;
        require(self.largest_group >= 2, "largest_group", "2 or more")?;
        require(self.largest_block >= 2, "largest_block", "2 or more")?;
        require(self.hub_names >= 1, "hub_names", "1 or more")?;
        require(self.clear_difference < 0, "clear_difference", "less than 0")?;
        require(self.workplace_limit >= 0, "workplace_limit", "0 or more")?;
        require((-100..=0).contains(&self.prior), "prior", "-100 to 0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::evidence::Level;

    const DEFAULT: &str = include_str!("../../policies/matching.toml");

    fn refuses(old: &str, new: &str, message: &str) {
        assert!(DEFAULT.contains(old), "{old}");
        let error = MatchingPolicy::parse(&DEFAULT.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn the_default_follows_the_specification() {
        let policy = MatchingPolicy::default();
        assert_eq!(policy.bands, Thresholds { auto: 90, review: 60, possible: 50 });
        assert_eq!(policy.organisations().of(Comparison::Name, Level::Equal), 50);
        assert_eq!(policy.organisations().of(Comparison::Prefecture, Level::Different), -15);
        assert!(policy.version().starts_with("2026-11+"));
    }

    #[test]
    fn leads_are_linked_otherwise_by_other_points_of_organisations_but_not_of_persons() {
        let check = |old: &str, new: &str, expected| {
            assert!(DEFAULT.contains(old), "{old}");
            let other = MatchingPolicy::parse(&DEFAULT.replacen(old, new, 1)).unwrap();
            assert_eq!(MatchingPolicy::default().links_leads_like(&other), expected, "{new}");
        };
        check("link_at = 60", "link_at = 61", false);
        check("name_similarity = 0.92", "name_similarity = 0.9", false);
        check("largest_group = 50", "largest_group = 40", true);
        check("prior = -50", "prior = -49", true);
    }

    #[test]
    fn a_mistake_is_refused_with_its_key() {
        refuses("auto = 90", "auto = 50", "`bands` must be falling");
        refuses("[persons.EMAIL]", "[persons.FAX]", "`persons.FAX`: `FAX` is not a Comparison");
        refuses("EQUAL = 60", "SAME = 60", "`SAME` is not a Level");
        refuses("EQUAL = 60", "EQUAL = 600", ".EQUAL` must be -100 to 100");
        refuses("link_at = 60", "link_at = 160", "`link_at` must be 0 to 100");
        refuses("link_at", "link_when", "the policy cannot be read");
        refuses("[rarity.FAMILY_NAME]\n", "[rarity.FAMILY_NAME]\nrare = \"x\"\n", "must be -100 to 100");
    }
}
