//! The matching document: what each piece of evidence is worth, and which score means what.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use domain::codes::UnknownCode;
use serde::Deserialize;

use super::{PolicyError, fingerprinted};
use crate::matching::evidence::{Comparison, Level};

/// How records are matched.
#[derive(Debug, Clone)]
pub struct MatchingPolicy {
    version: Arc<str>,
    /// Least scores of the bands.
    pub bands: Thresholds,
    /// Least likeness (Jaro–Winkler, 0 to 1) of two similar names.
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
    persons: Points,
    organisations: Points,
}

/// Least scores, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Joined without being asked.
    pub auto: u8,
    /// Asked.
    pub review: u8,
    /// Looked at by conflict checks only.
    pub possible: u8,
}

/// Points by what was compared and how far it agreed. What is not listed is worth nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Points(BTreeMap<(Comparison, Level), i32>);

impl Points {
    pub(crate) fn of(&self, comparison: Comparison, level: Level) -> i32 {
        self.0.get(&(comparison, level)).copied().unwrap_or(0)
    }
}

impl MatchingPolicy {
    /// Reads and validates a document.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let document: Document = toml::from_str(text)?;
        let Thresholds { auto, review, possible } = document.bands;
        require(
            auto <= 100 && review <= auto && possible <= review,
            "bands",
            "falling: 100 ≥ auto ≥ review ≥ possible",
        )?;
        require(document.link_at <= 100, "link_at", "0 to 100")?;
        require((0.0..=1.0).contains(&document.name_similarity), "name_similarity", "0 to 1")?;
        require(document.largest_group >= 2, "largest_group", "2 or more")?;
        require(document.largest_block >= 2, "largest_block", "2 or more")?;
        require(document.hub_names >= 1, "hub_names", "1 or more")?;
        require(document.clear_difference < 0, "clear_difference", "less than 0")?;
        Ok(Self {
            version: Arc::from(fingerprinted(&document.version, text)),
            bands: document.bands,
            name_similarity: document.name_similarity,
            link_at: document.link_at,
            independent_identifiers: document.independent_identifiers,
            is_careful_within_system: document.careful_within_system,
            largest_group: document.largest_group,
            largest_block: document.largest_block,
            hub_names: document.hub_names,
            clear_difference: document.clear_difference,
            persons: points("persons", &document.persons)?,
            organisations: points("organisations", &document.organisations)?,
        })
    }

    /// Declared version and short hash of the document.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn persons(&self) -> &Points {
        &self.persons
    }

    pub(crate) fn organisations(&self) -> &Points {
        &self.organisations
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
    bands: Thresholds,
    name_similarity: f64,
    link_at: u8,
    independent_identifiers: usize,
    careful_within_system: bool,
    largest_group: usize,
    largest_block: usize,
    hub_names: usize,
    clear_difference: i32,
    persons: PointsText,
    organisations: PointsText,
}

type PointsText = BTreeMap<String, BTreeMap<String, i32>>;

fn points(section: &str, given: &PointsText) -> Result<Points, PolicyError> {
    let mut points = BTreeMap::new();
    for (comparison, levels) in given {
        let place = format!("{section}.{comparison}");
        for (level, &worth) in levels {
            let key = format!("{place}.{level}");
            require((-100..=100).contains(&worth), &key, "-100 to 100")?;
            points.insert((code(&place, comparison)?, code(&key, level)?), worth);
        }
    }
    Ok(Points(points))
}

fn code<T: FromStr<Err = UnknownCode>>(key: &str, given: &str) -> Result<T, PolicyError> {
    given.parse().map_err(|cause| PolicyError::UnknownCode { key: key.to_owned(), cause })
}

fn require(holds: bool, key: &str, expected: &'static str) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(PolicyError::OutOfRange { key: key.to_owned(), expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(policy.persons().of(Comparison::Email, Level::Equal), 60);
        assert!(policy.version().starts_with("2026-04+"));
    }

    #[test]
    fn a_mistake_is_refused_with_its_key() {
        refuses("auto = 90", "auto = 50", "`bands` must be falling");
        refuses("[persons.EMAIL]", "[persons.FAX]", "`persons.FAX`: `FAX` is not a Comparison");
        refuses("EQUAL = 60", "SAME = 60", "`SAME` is not a Level");
        refuses("EQUAL = 60", "EQUAL = 600", ".EQUAL` must be -100 to 100");
        refuses("link_at = 60", "link_at = 160", "`link_at` must be 0 to 100");
        refuses("link_at", "link_when", "the policy cannot be read");
    }
}
