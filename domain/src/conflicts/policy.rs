//! The conflict policy: the rules in order and their numbers, as one versioned document.

use chrono::TimeDelta;
use serde::Deserialize;

use super::Rule;
use crate::rule_order::{InvalidPolicy, check_number, check_total, read};

/// The built-in document.
pub const DEFAULT_CONFLICT: &str = include_str!("../../policies/conflict.toml");

crate::codes! {
    /// How much a check tells a partner.
    pub enum Disclosure {
        Full("通常", "Full"),
        Minimal("最小", "Minimal"),
    }
}

/// The rules in order, and their numbers. Only a valid document becomes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictPolicy {
    document: Document,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    rules: Vec<Rule>,
    tie_window_minutes: u32,
    roe_idle_days: u32,
    freshness_minutes: u32,
    family_scope: bool,
    disclosure: Disclosure,
    checks_per_hour: u32,
    appeal_business_days: u32,
}

impl Default for ConflictPolicy {
    /// The document of this crate.
    fn default() -> Self {
        Self::parse(DEFAULT_CONFLICT).expect("the document of this crate is valid")
    }
}

impl ConflictPolicy {
    /// Reads a document: known rules, each once, the last of which always decides.
    pub fn parse(text: &str) -> Result<Self, InvalidPolicy> {
        let document: Document = read(text)?;
        check_total("rules", &document.rules, Rule::Manual)?;
        check_number("version", !document.version.trim().is_empty(), "name the version")?;
        check_number("freshness_minutes", document.freshness_minutes > 0, "at least one minute")?;
        check_number("tie_window_minutes", document.tie_window_minutes <= 10_080, "at most a week")?;
        check_number("roe_idle_days", document.roe_idle_days <= 3_660, "at most ten years")?;
        check_number("checks_per_hour", document.checks_per_hour > 0, "at least one")?;
        Ok(Self { document })
    }

    /// The same rules under another name: the store adds a hash to what a document calls itself.
    pub fn named(mut self, version: &str) -> Self {
        version.clone_into(&mut self.document.version);
        self
    }

    /// What the version is called.
    pub fn version(&self) -> &str {
        &self.document.version
    }

    /// The rules, in the order in which they are asked.
    pub fn rules(&self) -> &[Rule] {
        &self.document.rules
    }

    /// How long after the first a claim counts as equally early; zero for never.
    pub fn tie_window(&self) -> TimeDelta {
        TimeDelta::minutes(self.document.tie_window_minutes.into())
    }

    /// How long before the first partner an activity keeps direct sales engaged.
    pub fn roe_idle(&self) -> TimeDelta {
        TimeDelta::days(self.document.roe_idle_days.into())
    }

    /// How old a reading of a CRM may be.
    pub fn freshness(&self) -> TimeDelta {
        TimeDelta::minutes(self.document.freshness_minutes.into())
    }

    /// Whether companies of one family count as one account.
    pub fn has_family_scope(&self) -> bool {
        self.document.family_scope
    }

    /// How much a check tells a partner.
    pub fn disclosure(&self) -> Disclosure {
        self.document.disclosure
    }

    /// How many checks one user may make in an hour.
    pub fn checks_per_hour(&self) -> u32 {
        self.document.checks_per_hour
    }

    /// Business days in which the loser may appeal.
    pub fn appeal_business_days(&self) -> u32 {
        self.document.appeal_business_days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../policies/conflict.toml");

    fn check(from: &str, to: &str, code: &str) {
        assert!(DOCUMENT.contains(from), "{from}");
        let error = ConflictPolicy::parse(&DOCUMENT.replacen(from, to, 1)).unwrap_err();
        let found: &'static str = (&error).into();
        assert_eq!(found, code, "{error}");
    }

    #[test]
    fn the_default_asks_every_rule_once() {
        assert_eq!(ConflictPolicy::default().rules(), Rule::ALL);
    }

    #[test]
    fn rules_are_known_and_total() {
        check("\"TERRITORY\"", "\"LOUDEST_VOICE\"", "POLICY_UNREADABLE");
        check("\"TERRITORY\"", "\"INCUMBENT\"", "POLICY_RULE_TWICE");
        check("    \"MANUAL\",\n", "", "POLICY_NOT_TOTAL");
        check("\"INCUMBENT\"", "\"MANUAL\"", "POLICY_RULE_TWICE");
        check("\"TIER_PRIORITY\",\n    \"MANUAL\"", "\"MANUAL\",\n    \"TIER_PRIORITY\"", "POLICY_NOT_TOTAL");
    }

    #[test]
    fn numbers_make_sense() {
        check("tie_window_minutes = 0", "tie_window_minutes = -1", "POLICY_UNREADABLE");
        check("freshness_minutes = 15", "freshness_minutes = 0", "POLICY_NUMBER");
        check("roe_idle_days = 30", "roe_idle_days = 4000000000", "POLICY_NUMBER");
        check("disclosure = \"FULL\"", "disclosure = \"ALL\"", "POLICY_UNREADABLE");
    }
}
