//! The evaluation at the end of a fiscal quarter: which tier a partner has earned, and what the next one takes.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Criterion, Metric, ProgramVersion, Tier};
use crate::calendar::{Calendar, CalendarEnds, Quarter};

crate::codes! {
    /// What an evaluation does to a partner's tier.
    pub enum TierChange {
        Promoted("昇格", "Promoted"),
        Kept("維持", "Kept"),
        Grace("猶予", "Kept for a grace quarter"),
        Demoted("降格", "Demoted"),
    }
}

/// Where a partner stood before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The code of its tier; `None` for a partner that has none yet.
    pub tier: Option<String>,
    /// How many quarters in a row it has been below the criteria of that tier.
    pub quarters_below: u32,
}

/// One criterion with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionResult {
    /// What it takes.
    pub criterion: Criterion,
    /// What was measured; `None` when it could not be.
    pub measured: Option<Decimal>,
    /// Whether that is enough.
    pub is_met: bool,
}

/// The result of an evaluation, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// The best tier whose criteria are all met.
    pub earned: String,
    /// The tier from now on.
    pub tier: String,
    /// How that differs from before.
    pub change: TierChange,
    /// Quarters in a row below the criteria of the tier held, this one included.
    pub quarters_below: u32,
    /// Every criterion of every tier, the best tier first.
    pub evidence: Vec<(String, Vec<CriterionResult>)>,
    /// What is missing for the tier above: its criteria that are not met. Empty at the top.
    pub missing_for_next: Vec<CriterionResult>,
}

/// The quarter whose evaluation was due last on a date: the last one that ended more than so many business days ago. Until then
/// what people enter and systems tell of it still counts.
pub fn quarter_due(
    today: NaiveDate,
    calendar: &Calendar,
    business_days: u32,
) -> Result<Quarter, CalendarEnds> {
    let current = Quarter::of(today);
    let end = current.period().from - Days::new(1);
    let is_due = calendar.business_day_after(end, business_days)? < today;
    Ok(if is_due { current.previous() } else { current.previous().previous() })
}

/// Evaluates a partner (domain model, section 3): a promotion counts at once, a demotion only after as many
/// quarters of grace as the policy gives.
pub fn evaluate(
    program: &ProgramVersion,
    measured: &BTreeMap<Metric, Decimal>,
    standing: &Standing,
    grace_quarters: u32,
) -> Evaluation {
    let results = |tier: &Tier| -> Vec<CriterionResult> {
        tier.criteria.iter().map(|it| result(it, measured)).collect()
    };
    let evidence: Vec<_> = program.tiers().iter().map(|it| (it.code.clone(), results(it))).collect();
    let earned_at = evidence.iter().position(|(_, all)| all.iter().all(|it| it.is_met));
    let earned_at = earned_at.expect("the lowest tier has no criteria");
    // A tier that the program no longer has is as good as none.
    let held = standing.tier.as_ref().and_then(|code| program.tiers().iter().position(|it| it.code == *code));
    let (tier_at, change, quarters_below) = decide(held, earned_at, standing.quarters_below, grace_quarters);
    let next = tier_at.checked_sub(1).map(|it| &evidence[it].1);
    Evaluation {
        earned: evidence[earned_at].0.clone(),
        tier: evidence[tier_at].0.clone(),
        change,
        quarters_below,
        missing_for_next: next.into_iter().flatten().filter(|it| !it.is_met).cloned().collect(),
        evidence,
    }
}

fn decide(held: Option<usize>, earned: usize, below: u32, grace: u32) -> (usize, TierChange, u32) {
    match held {
        Some(held) if held == earned => (held, TierChange::Kept, 0),
        Some(held) if held < earned && below < grace => (held, TierChange::Grace, below + 1),
        Some(held) if held < earned => (earned, TierChange::Demoted, 0),
        _ => (earned, TierChange::Promoted, 0),
    }
}

fn result(criterion: &Criterion, measured: &BTreeMap<Metric, Decimal>) -> CriterionResult {
    let measured = measured.get(&criterion.metric).copied();
    CriterionResult { criterion: *criterion, measured, is_met: criterion.is_met_by(measured) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::PROGRAM;

    fn evaluated(tier: Option<&str>, quarters_below: u32, measured: &[(&str, i64)]) -> Evaluation {
        let measured = measured.iter().map(|(name, value)| (name.parse().unwrap(), Decimal::from(*value)));
        let standing = Standing { tier: tier.map(str::to_owned), quarters_below };
        evaluate(&ProgramVersion::parse(PROGRAM).unwrap(), &measured.collect(), &standing, 1)
    }

    fn check(tier: Option<&str>, below: u32, measured: &[(&str, i64)], expected: (&str, TierChange, u32)) {
        let found = evaluated(tier, below, measured);
        assert_eq!((found.tier.as_str(), found.change, found.quarters_below), expected);
    }

    const SILVER: [(&str, i64); 3] =
        [("partnerSourcedRevenue", 1_000_000), ("certifiedUsers", 3), ("engagementScore", 69)];
    const GOLD: [(&str, i64); 3] =
        [("partnerSourcedRevenue", 5_000_000), ("certifiedUsers", 3), ("engagementScore", 70)];

    #[test]
    fn a_quarter_is_evaluated_when_what_is_late_has_come() {
        let due = |today: &str, days: u32| {
            quarter_due(today.parse().unwrap(), &Calendar::default(), days).unwrap().to_string()
        };
        assert_eq!(due("2026-07-14", 10), "FY2025-Q4", "the tenth business day of July");
        assert_eq!(due("2026-07-15", 10), "FY2026-Q1");
        assert_eq!(due("2026-09-30", 10), "FY2026-Q1");
        assert_eq!(due("2026-10-15", 10), "FY2026-Q1", "the twelfth is a holiday");
        assert_eq!(due("2026-10-16", 10), "FY2026-Q2");
        assert_eq!(due("2026-07-01", 0), "FY2026-Q1");
    }

    #[test]
    fn a_promotion_counts_at_once() {
        check(Some("BRONZE"), 0, &GOLD, ("GOLD", TierChange::Promoted, 0));
        check(None, 0, &SILVER, ("SILVER", TierChange::Promoted, 0));
    }

    #[test]
    fn a_demotion_waits_for_one_grace_quarter() {
        check(Some("GOLD"), 0, &SILVER, ("GOLD", TierChange::Grace, 1));
        check(Some("GOLD"), 1, &SILVER, ("SILVER", TierChange::Demoted, 0));
        check(Some("GOLD"), 1, &GOLD, ("GOLD", TierChange::Kept, 0));
    }

    #[test]
    fn what_is_missing_for_the_next_tier_is_told() {
        let missing = evaluated(Some("SILVER"), 0, &SILVER).missing_for_next;
        let missing: Vec<String> = missing.iter().map(|it| it.criterion.to_string()).collect();
        assert_eq!(missing, ["partnerSourcedRevenue >= 5000000", "engagementScore >= 70"]);
        assert!(evaluated(Some("GOLD"), 0, &GOLD).missing_for_next.is_empty());
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let evaluation = evaluated(None, 0, &[]);
        assert_eq!(evaluation.tier, "BRONZE");
        assert!(evaluation.missing_for_next.iter().all(|it| it.measured.is_none()));
    }
}
