//! The life of an alert: open, acknowledged, resolved; one that is not resolved for each rule and subject.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{AlertStatus, Severity};
use crate::ids::AlertId;

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The code of the rule.
    pub rule: String,
    /// What it is about: a partner, an asset.
    pub subject: Uuid,
    /// How much it matters.
    pub severity: Severity,
    /// The records that show it.
    pub evidence: BTreeSet<Uuid>,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The alert.
    pub id: AlertId,
    /// What was found; the evidence is the latest.
    pub finding: Finding,
    /// Where it stands.
    pub status: AlertStatus,
    /// When it was raised.
    pub opened_at: DateTime<Utc>,
    /// When somebody took it on.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// What a run of the rules does to the alerts that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertChange {
    /// A new alert.
    Raise(Finding),
    /// The same alert on other evidence.
    Update(AlertId, Finding),
    /// An alert whose rule no longer holds.
    Resolve(AlertId),
}

/// Why an alert stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertRefusal {
    /// It is over.
    #[error("the alert was resolved; it is raised again when its rule holds again")]
    AlertResolved,
    /// Somebody has it.
    #[error("the alert was acknowledged at {0}; resolve it or leave it to whoever has it")]
    AlertAcknowledged(DateTime<Utc>),
}

impl Alert {
    /// Raises an alert.
    pub fn raise(id: AlertId, finding: Finding, at: DateTime<Utc>) -> Self {
        Self {
            id,
            finding,
            status: AlertStatus::Open,
            opened_at: at,
            acknowledged_at: None,
            resolved_at: None,
        }
    }

    /// Somebody takes it on.
    pub fn acknowledge(&mut self, at: DateTime<Utc>) -> Result<(), AlertRefusal> {
        match (self.status, self.acknowledged_at) {
            (AlertStatus::Resolved, _) => Err(AlertRefusal::AlertResolved),
            (_, Some(since)) => Err(AlertRefusal::AlertAcknowledged(since)),
            _ => {
                self.status = AlertStatus::Acknowledged;
                self.acknowledged_at = Some(at);
                Ok(())
            }
        }
    }

    /// It is over, because somebody says so or because its rule no longer holds.
    pub fn resolve(&mut self, at: DateTime<Utc>) -> Result<(), AlertRefusal> {
        if self.status == AlertStatus::Resolved {
            return Err(AlertRefusal::AlertResolved);
        }
        self.status = AlertStatus::Resolved;
        self.resolved_at = Some(at);
        Ok(())
    }

    fn key(&self) -> (&str, Uuid) {
        (&self.finding.rule, self.finding.subject)
    }
}

/// Compares what the rules find now with the alerts that there are; `rules` are the codes of those that were run.
///
/// Alerts of rules that were not run are left alone. A run repeated at once changes nothing.
pub fn reconcile(findings: &[Finding], alerts: &[Alert], rules: &BTreeSet<String>) -> Vec<AlertChange> {
    let running =
        alerts.iter().filter(|it| it.status != AlertStatus::Resolved && rules.contains(&it.finding.rule));
    let running: BTreeMap<_, _> = running.map(|it| (it.key(), it)).collect();
    let found: BTreeMap<_, _> = findings.iter().map(|it| ((it.rule.as_str(), it.subject), it)).collect();
    let raised = found.iter().filter_map(|(key, finding)| match running.get(key) {
        None => Some(AlertChange::Raise((*finding).clone())),
        Some(alert) if alert.finding != **finding => Some(AlertChange::Update(alert.id, (*finding).clone())),
        Some(_) => None,
    });
    let gone = running.iter().filter(|(key, _)| !found.contains_key(*key));
    raised.chain(gone.map(|(_, alert)| AlertChange::Resolve(alert.id))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kpis::worked::{day, id};

    fn finding(rule: &str, subject: u128, evidence: &[u128]) -> Finding {
        Finding {
            rule: rule.to_owned(),
            subject: id(subject),
            severity: Severity::Warning,
            evidence: evidence.iter().map(|it| id(*it)).collect(),
        }
    }

    fn rules(codes: &[&str]) -> BTreeSet<String> {
        codes.iter().map(|it| (*it).to_owned()).collect()
    }

    fn apply(alerts: &mut Vec<Alert>, changes: Vec<AlertChange>) {
        for change in changes {
            match change {
                AlertChange::Raise(finding) => {
                    let id = AlertId(id(1_000 + alerts.len() as u128));
                    alerts.push(Alert::raise(id, finding, day("2026-07-01")));
                }
                AlertChange::Update(id, finding) => {
                    alerts.iter_mut().filter(|it| it.id == id).for_each(|it| it.finding = finding.clone());
                }
                AlertChange::Resolve(id) => {
                    let gone = alerts.iter_mut().filter(|it| it.id == id);
                    gone.for_each(|it| it.resolve(day("2026-07-01")).unwrap());
                }
            }
        }
    }

    #[test]
    fn it_is_opened_acknowledged_and_resolved_once() {
        let mut alert = Alert::raise(AlertId(id(1)), finding("SILENT", 1, &[]), day("2026-07-01"));
        alert.acknowledge(day("2026-07-02")).unwrap();
        assert_eq!(
            alert.acknowledge(day("2026-07-03")),
            Err(AlertRefusal::AlertAcknowledged(day("2026-07-02")))
        );
        alert.resolve(day("2026-07-04")).unwrap();
        assert_eq!(alert.resolve(day("2026-07-05")), Err(AlertRefusal::AlertResolved));
        assert_eq!(alert.acknowledge(day("2026-07-05")), Err(AlertRefusal::AlertResolved));
    }

    #[test]
    fn what_still_holds_is_not_raised_again_and_what_is_gone_is_resolved() {
        let mut alerts = Vec::new();
        let silent = rules(&["SILENT"]);
        let changes = reconcile(&[finding("SILENT", 1, &[7])], &alerts, &silent);
        apply(&mut alerts, changes);
        alerts[0].acknowledge(day("2026-07-02")).unwrap();
        assert_eq!(reconcile(&[finding("SILENT", 1, &[7])], &alerts, &silent), []);
        let other_evidence = reconcile(&[finding("SILENT", 1, &[8])], &alerts, &silent);
        assert!(matches!(other_evidence[..], [AlertChange::Update(..)]));
        assert_eq!(reconcile(&[], &alerts, &rules(&["OVERDUE"])), [], "its rule was not run");
        assert_eq!(reconcile(&[], &alerts, &silent), [AlertChange::Resolve(alerts[0].id)]);
    }

    proptest! {
        #[test]
        fn there_is_never_more_than_one_open_alert_for_a_rule_and_subject(
            runs in prop::collection::vec(prop::collection::vec((0_u128..3, 0_u128..3, 0_u128..3), 0..6), 1..6),
        ) {
            let mut alerts: Vec<Alert> = Vec::new();
            let codes = rules(&["R0", "R1", "R2"]);
            for run in runs {
                let findings: Vec<_> =
                    run.iter().map(|(rule, subject, it)| finding(&format!("R{rule}"), *subject, &[*it])).collect();
                let changes = reconcile(&findings, &alerts, &codes);
                apply(&mut alerts, changes);
                let open = alerts.iter().filter(|it| it.status != AlertStatus::Resolved);
                let keys: Vec<_> = open.map(Alert::key).collect();
                prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
                prop_assert!(reconcile(&findings, &alerts, &codes).is_empty(), "a run repeated at once changes nothing");
            }
        }
    }
}
