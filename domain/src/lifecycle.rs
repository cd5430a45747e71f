//! The lifecycle policy: every window, grace time and limit of the channel, as one versioned document.
//!
//! Here: the document and its checks. Not here: what happens at the end of a window (each subject's own module).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rule_order::{InvalidPolicy, check_number, read};

/// The built-in document.
pub const DEFAULT_LIFECYCLE: &str = include_str!("../policies/lifecycle.toml");

/// No window is longer, in days: ten years.
const LONGEST_WINDOW: u32 = 3_660;
/// A quarter is evaluated before the next one ends, in business days.
const LONGEST_EVALUATION: u32 = 40;

/// Windows, grace times and limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LifecyclePolicy {
    /// What the document calls itself.
    pub version: String,
    /// Of deal registrations.
    pub registrations: RegistrationWindows,
    /// Of leads and their offers.
    pub leads: LeadWindows,
    /// Of contracts.
    pub contracts: ContractWindows,
    /// Of partners.
    pub partners: PartnerWindows,
}

/// Windows of deal registrations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationWindows {
    /// Days that an approved deal is protected.
    pub protection_days: u32,
    /// The same, for tiers that have more.
    pub protection_days_by_tier: BTreeMap<String, u32>,
    /// Business days until a submission is to be decided.
    pub decide_business_days: u32,
    /// Business days in which a returned registration keeps its priority time.
    pub answer_business_days: u32,
    /// Days that an extension adds.
    pub extension_days: u32,
    /// How often a protection may be extended.
    pub largest_extensions: u32,
    /// How recent the activity must be that an extension rests on, in days.
    pub activity_days: u32,
    /// Days before the end at which a partner is warned.
    pub warning_days: Vec<u32>,
    /// Whether a submission that nothing stands against is approved by itself.
    #[serde(default)]
    pub approve_clear: bool,
}

/// Windows of leads and their offers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadWindows {
    /// Business days that an offer waits for its answer.
    pub acceptance_business_days: u32,
    /// Business days without an action after which an accepted lead raises an alert.
    pub alert_business_days: u32,
    /// Business days without an action after which it is recalled.
    pub recall_business_days: u32,
    /// Declined or expired offers after which a person decides.
    pub largest_failures: u32,
}

/// Windows of contracts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractWindows {
    /// Days before the end at which somebody is reminded.
    pub reminder_days: Vec<u32>,
    /// Days before the notice deadline from which a contract counts as expiring.
    pub expiring_days: u32,
}

/// Windows of partners.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerWindows {
    /// Days that registrations outlive the partner's termination.
    pub tail_days: u32,
    /// Business days after a quarter's end in which what is told of it still counts; then tiers are evaluated.
    #[serde(default)]
    pub evaluation_business_days: u32,
    /// Quarters below the criteria before a demotion.
    pub grace_quarters: u32,
}

impl Default for LifecyclePolicy {
    /// The document of this crate.
    fn default() -> Self {
        Self::parse(DEFAULT_LIFECYCLE).expect("the document of this crate is valid")
    }
}

impl LifecyclePolicy {
    /// Reads a document and checks its numbers.
    pub fn parse(text: &str) -> Result<Self, InvalidPolicy> {
        let policy: Self = read(text)?;
        let (registrations, leads) = (&policy.registrations, &policy.leads);
        let shortest =
            registrations.protection_days_by_tier.values().chain([&registrations.protection_days]).min();
        check_number("protection_days", shortest > Some(&0), "a protection lasts at least one day")?;
        check_number("any window", policy.windows().all(|it| it <= LONGEST_WINDOW), "at most 3660 days")?;
        check_number("acceptance_business_days", leads.acceptance_business_days > 0, "at least one")?;
        check_number("largest_failures", leads.largest_failures > 0, "at least one")?;
        let wait = policy.partners.evaluation_business_days;
        check_number("evaluation_business_days", wait <= LONGEST_EVALUATION, "at most 40 business days")?;
        let is_alert_first = leads.alert_business_days < leads.recall_business_days;
        check_number(
            "alert_business_days",
            is_alert_first,
            "a lead is recalled after the alert, not before",
        )?;
        Ok(policy)
    }

    /// Every length that dates are moved by.
    fn windows(&self) -> impl Iterator<Item = u32> {
        let (registrations, contracts) = (&self.registrations, &self.contracts);
        let lists = registrations.warning_days.iter().chain(&contracts.reminder_days);
        let lists = lists.chain(registrations.protection_days_by_tier.values()).copied();
        lists.chain([
            registrations.protection_days,
            registrations.extension_days,
            registrations.activity_days,
            contracts.expiring_days,
            self.partners.tail_days,
        ])
    }
}

impl RegistrationWindows {
    /// Days of protection for a tier, `None` for a partner without one.
    pub fn protection_days_for(&self, tier: Option<&str>) -> u32 {
        let of_tier = tier.and_then(|it| self.protection_days_by_tier.get(it));
        of_tier.copied().unwrap_or(self.protection_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../policies/lifecycle.toml");

    #[test]
    fn gold_is_protected_longer() {
        let windows = LifecyclePolicy::default().registrations;
        assert_eq!(windows.protection_days_for(Some("GOLD")), 120);
        assert_eq!(windows.protection_days_for(Some("SILVER")), 90);
        assert_eq!(windows.protection_days_for(None), 90);
    }

    #[test]
    fn a_document_that_makes_no_sense_is_refused() {
        let recall_first = DOCUMENT.replace("alert_business_days = 10", "alert_business_days = 20");
        let error = LifecyclePolicy::parse(&recall_first).unwrap_err();
        assert!(matches!(error, InvalidPolicy::PolicyNumber { field: "alert_business_days", .. }));
        let unprotected = DOCUMENT.replace("GOLD = 120", "GOLD = 0");
        assert!(matches!(LifecyclePolicy::parse(&unprotected), Err(InvalidPolicy::PolicyNumber { .. })));
        let endless = DOCUMENT.replace("tail_days = 30", "tail_days = 4000000000");
        assert!(matches!(LifecyclePolicy::parse(&endless), Err(InvalidPolicy::PolicyNumber { .. })));
        let late = DOCUMENT.replace("evaluation_business_days = 10", "evaluation_business_days = 41");
        assert!(matches!(LifecyclePolicy::parse(&late), Err(InvalidPolicy::PolicyNumber { .. })));
        let unknown = DOCUMENT.replace("tail_days", "tale_days");
        assert!(matches!(LifecyclePolicy::parse(&unknown), Err(InvalidPolicy::PolicyUnreadable(_))));
    }
}
