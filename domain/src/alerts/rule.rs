//! Rules as data: conditions over named figures of a subject. A missing figure satisfies nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Severity;

/// Deepest nesting of conditions.
const MAX_DEPTH: usize = 8;

/// The figures of one subject by name, such as `daysSinceAccess`; one that cannot be measured is left out.
pub type Metrics = BTreeMap<String, Decimal>;

crate::codes! {
    /// How a figure is compared.
    pub enum Comparator {
        Below("未満", "Below"),
        AtMost("以下", "At most"),
        Equal("等しい", "Equal to"),
        AtLeast("以上", "At least"),
        Above("超", "Above"),
    }
}

/// When a rule holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Condition {
    /// One figure against a bound.
    Figure {
        /// Which figure.
        metric: String,
        /// How it is compared.
        comparator: Comparator,
        /// With what.
        bound: Decimal,
    },
    /// All of them; there is at least one.
    All(Vec<Condition>),
    /// Any of them; there is at least one.
    Any(Vec<Condition>),
}

/// A rule that raises alerts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlertRule {
    /// The stable code.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// When it is raised, and while it holds.
    pub when: Condition,
}

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    /// A figure that nobody computes.
    #[error("no figure is called `{metric}`; use one of: {allowed}")]
    UnknownMetric {
        /// What was given.
        metric: String,
        /// What would have been right.
        allowed: String,
    },
    /// All or any of nothing.
    #[error("`all` and `any` need at least one condition")]
    Empty,
    /// Nobody would understand it.
    #[error("conditions are nested at most {MAX_DEPTH} deep; split the rule")]
    TooDeep,
}

/// What a rule would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DryRun {
    /// For each subject, the instants at which an alert would have been raised.
    pub raised: BTreeMap<Uuid, Vec<DateTime<Utc>>>,
    /// Subjects for which the rule still holds at the last instant.
    pub open: BTreeSet<Uuid>,
}

impl AlertRule {
    /// Checks a rule against the figures that there are.
    pub fn check(&self, metrics: &BTreeSet<String>) -> Result<(), InvalidRule> {
        self.when.check(metrics, MAX_DEPTH)
    }

    /// Whether it holds for a subject.
    pub fn holds(&self, figures: &Metrics) -> bool {
        self.when.holds(figures)
    }
}

impl Condition {
    fn check(&self, metrics: &BTreeSet<String>, depth: usize) -> Result<(), InvalidRule> {
        match self {
            _ if depth == 0 => Err(InvalidRule::TooDeep),
            Self::Figure { metric, .. } if !metrics.contains(metric) => {
                let allowed = metrics.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                Err(InvalidRule::UnknownMetric { metric: metric.clone(), allowed })
            }
            Self::Figure { .. } => Ok(()),
            Self::All(parts) | Self::Any(parts) if parts.is_empty() => Err(InvalidRule::Empty),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().try_for_each(|it| it.check(metrics, depth - 1))
            }
        }
    }

    fn holds(&self, figures: &Metrics) -> bool {
        match self {
            Self::Figure { metric, comparator, bound } => {
                figures.get(metric).is_some_and(|figure| comparator.holds(*figure, *bound))
            }
            Self::All(parts) => !parts.is_empty() && parts.iter().all(|it| it.holds(figures)),
            Self::Any(parts) => parts.iter().any(|it| it.holds(figures)),
        }
    }
}

impl Comparator {
    fn holds(self, figure: Decimal, bound: Decimal) -> bool {
        match self {
            Self::Below => figure < bound,
            Self::AtMost => figure <= bound,
            Self::Equal => figure == bound,
            Self::AtLeast => figure >= bound,
            Self::Above => figure > bound,
        }
    }
}

/// Runs a rule over history without raising anything: each entry holds the figures of all subjects at an instant.
///
/// As in earnest, an alert is raised when the rule begins to hold, and not again while it does.
pub fn dry_run(rule: &AlertRule, history: &BTreeMap<DateTime<Utc>, BTreeMap<Uuid, Metrics>>) -> DryRun {
    let mut run = DryRun::default();
    for (at, subjects) in history {
        let holding: BTreeSet<_> =
            subjects.iter().filter(|(_, figures)| rule.holds(figures)).map(|(subject, _)| *subject).collect();
        for subject in holding.difference(&run.open) {
            run.raised.entry(*subject).or_default().push(*at);
        }
        run.open = holding;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id};

    fn rule() -> AlertRule {
        let text = r#"{
            "code": "SILENT_AND_LOW", "severity": "WARNING",
            "when": { "all": [
                { "figure": { "metric": "daysSinceAccess", "comparator": "AT_LEAST", "bound": "21" } },
                { "any": [
                    { "figure": { "metric": "score", "comparator": "BELOW", "bound": "40" } },
                    { "figure": { "metric": "openLeads", "comparator": "ABOVE", "bound": "0" } }
                ] }
            ] }
        }"#;
        serde_json::from_str(text).unwrap()
    }

    fn figures(figures: &[(&str, i64)]) -> Metrics {
        figures.iter().map(|(name, figure)| ((*name).to_owned(), Decimal::from(*figure))).collect()
    }

    #[test]
    fn a_rule_is_data() {
        assert!(rule().holds(&figures(&[("daysSinceAccess", 21), ("score", 39)])));
        assert!(rule().holds(&figures(&[("daysSinceAccess", 30), ("score", 90), ("openLeads", 1)])));
        assert!(!rule().holds(&figures(&[("daysSinceAccess", 20), ("score", 0)])));
    }

    #[test]
    fn what_cannot_be_measured_satisfies_nothing() {
        assert!(!rule().holds(&figures(&[("daysSinceAccess", 21)])));
        assert!(!rule().holds(&figures(&[("score", 0)])));
    }

    #[test]
    fn a_rule_over_unknown_figures_or_nothing_is_refused() {
        let known: BTreeSet<_> = ["daysSinceAccess", "score", "openLeads"].map(str::to_owned).into();
        assert_eq!(rule().check(&known), Ok(()));
        assert!(matches!(rule().check(&["score".to_owned()].into()), Err(InvalidRule::UnknownMetric { .. })));
        let empty = AlertRule { when: Condition::Any(vec![]), ..rule() };
        assert_eq!(empty.check(&known), Err(InvalidRule::Empty));
        let deep = (0..9).fold(rule().when, |inner, _| Condition::All(vec![inner]));
        assert_eq!(AlertRule { when: deep, ..rule() }.check(&known), Err(InvalidRule::TooDeep));
    }

    #[test]
    fn a_dry_run_raises_once_while_a_rule_holds_and_again_when_it_comes_back() {
        let at = |date, days| {
            (day(date), BTreeMap::from([(id(1), figures(&[("daysSinceAccess", days), ("score", 5)]))]))
        };
        let history =
            [at("2026-07-01", 21), at("2026-07-02", 22), at("2026-07-03", 0), at("2026-07-24", 21)].into();
        let run = dry_run(&rule(), &history);
        assert_eq!(run.raised[&id(1)], [day("2026-07-01"), day("2026-07-24")]);
        assert_eq!(run.open, [id(1)].into());
    }
}
