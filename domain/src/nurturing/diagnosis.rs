//! 気づき・診断: what is wrong at a partner, each with the records that show it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::DiagnosisKind;
use crate::enablement::Assignment;
use crate::ids::{PartnerId, PartnerUserId};
use crate::kpis::engagement::presence::{Silence, silence};
use crate::kpis::settings::KpiSettings;
use crate::partners::JobFunction;
use crate::training::Enrolment;

/// What is known of one active partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerState {
    /// The partner.
    pub id: PartnerId,
    /// What it was given.
    pub assignments: Vec<Assignment>,
    /// The enrolments of its users.
    pub enrolments: Vec<Enrolment>,
    /// Its enabled users and what they do.
    pub users: BTreeMap<PartnerUserId, JobFunction>,
    /// Enabled users who completed a course or consumed an asset.
    pub completers: BTreeSet<PartnerUserId>,
    /// The last access, or the grant of access without any; `None` without access to the portal.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Days on which nobody is expected.
    pub paused: BTreeSet<NaiveDate>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// At whom.
    pub partner: PartnerId,
    /// What.
    pub kind: DiagnosisKind,
    /// What shows it.
    pub evidence: Evidence,
}

/// What shows that something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Support items of which nobody opened any.
    Unopened(BTreeSet<Uuid>),
    /// Who completed, and who in sales did not.
    Completers {
        /// Users who completed; none of them in sales.
        others: BTreeSet<PartnerUserId>,
        /// Users in sales who were not reached.
        sales: BTreeSet<PartnerUserId>,
    },
    /// Since when nobody came.
    Silence(Silence),
    /// Support items and enrolments whose date has passed.
    Overdue(BTreeSet<Uuid>),
}

/// Everything that is wrong at a partner, in order of kind.
pub fn diagnose(state: &PartnerState, settings: &KpiSettings, at: DateTime<Utc>) -> Vec<Diagnosis> {
    let found = [
        (DiagnosisKind::NotDelivered, unopened(state)),
        (DiagnosisKind::NotReachingSales, unreached_sales(state)),
        (DiagnosisKind::Inactive, silent(state, settings, at)),
        (DiagnosisKind::Incomplete, overdue(state, at)),
    ];
    let found = found.into_iter().filter_map(|(kind, evidence)| Some((kind, evidence?)));
    found.map(|(kind, evidence)| Diagnosis { partner: state.id, kind, evidence }).collect()
}

/// Something was given, and nobody ever opened anything.
fn unopened(state: &PartnerState) -> Option<Evidence> {
    let was_opened = state.assignments.iter().any(|it| it.opened_at.is_some() || it.consumed_at.is_some());
    let open: BTreeSet<_> = state.assignments.iter().filter(|it| it.is_open()).map(|it| it.id.0).collect();
    (!was_opened && !open.is_empty()).then_some(Evidence::Unopened(open))
}

/// Somebody completed, but nobody in sales.
fn unreached_sales(state: &PartnerState) -> Option<Evidence> {
    let in_sales = |it: &&PartnerUserId| state.users.get(*it) == Some(&JobFunction::Sales);
    let is_missing = !state.completers.is_empty() && !state.completers.iter().any(|it| in_sales(&it));
    let sales = state.users.keys().filter(in_sales).copied().collect();
    is_missing.then(|| Evidence::Completers { others: state.completers.clone(), sales })
}

fn silent(state: &PartnerState, settings: &KpiSettings, at: DateTime<Utc>) -> Option<Evidence> {
    let silence = silence(state.last_seen_at?, &state.paused, settings.silent_after_days, at);
    silence.silent_since.is_some().then_some(Evidence::Silence(silence))
}

fn overdue(state: &PartnerState, at: DateTime<Utc>) -> Option<Evidence> {
    let assignments = state.assignments.iter().filter(|it| it.is_overdue(at)).map(|it| it.id.0);
    let enrolments =
        state.enrolments.iter().filter(|it| it.is_mandatory && it.is_overdue(at)).map(|it| it.id.0);
    let overdue: BTreeSet<_> = assignments.chain(enrolments).collect();
    (!overdue.is_empty()).then_some(Evidence::Overdue(overdue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AssetVersionId, AssignmentId, CourseId, EnrolmentId};
    use crate::kpis::worked::{day, id, partner_id, user_id};
    use crate::training::EnrolmentStatus;

    fn healthy() -> PartnerState {
        PartnerState {
            id: partner_id(1),
            assignments: vec![Assignment { opened_at: Some(day("2026-06-20")), ..assignment() }],
            enrolments: Vec::new(),
            users: [(user_id(1, 1), JobFunction::Sales), (user_id(1, 2), JobFunction::Support)].into(),
            completers: [user_id(1, 1)].into(),
            last_seen_at: Some(day("2026-06-30")),
            paused: BTreeSet::new(),
        }
    }

    fn assignment() -> Assignment {
        Assignment {
            id: AssignmentId(id(50)),
            partner: partner_id(1),
            version: AssetVersionId(id(60)),
            assigned_at: day("2026-06-01"),
            due_at: Some(day("2026-07-10")),
            delivered_at: None,
            opened_at: None,
            consumed_at: None,
            acted_at: None,
            cancelled_at: None,
        }
    }

    fn enrolment() -> Enrolment {
        Enrolment {
            id: EnrolmentId(id(70)),
            user: user_id(1, 1),
            partner: partner_id(1),
            course: CourseId(id(80)),
            is_mandatory: true,
            due_at: Some(day("2026-06-20")),
            status: EnrolmentStatus::Assigned,
            attempts: Vec::new(),
        }
    }

    fn check(state: PartnerState, expected: Option<(DiagnosisKind, Evidence)>) {
        let found = diagnose(&state, &KpiSettings::default(), day("2026-07-01"));
        let found: Vec<_> = found.into_iter().map(|it| (it.kind, it.evidence)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn at_a_healthy_partner_nothing_is_wrong() {
        check(healthy(), None);
    }

    #[test]
    fn what_nobody_opened_was_not_delivered() {
        let state = PartnerState { assignments: vec![assignment()], ..healthy() };
        check(state, Some((DiagnosisKind::NotDelivered, Evidence::Unopened([id(50)].into()))));
        check(PartnerState { assignments: Vec::new(), ..healthy() }, None);
    }

    #[test]
    fn completers_outside_sales_do_not_reach_customers() {
        let evidence = Evidence::Completers { others: [user_id(1, 2)].into(), sales: [user_id(1, 1)].into() };
        let state = PartnerState { completers: [user_id(1, 2)].into(), ..healthy() };
        check(state, Some((DiagnosisKind::NotReachingSales, evidence)));
        check(PartnerState { completers: BTreeSet::new(), ..healthy() }, None);
    }

    #[test]
    fn twenty_one_days_without_access_are_inactive() {
        let since = day("2026-07-01");
        let evidence = Evidence::Silence(Silence { days_since: 21, silent_since: Some(since) });
        let state = |date| PartnerState { last_seen_at: Some(day(date)), ..healthy() };
        check(state("2026-06-10"), Some((DiagnosisKind::Inactive, evidence)));
        check(state("2026-06-11"), None);
    }

    #[test]
    fn what_is_overdue_is_incomplete() {
        let late = Assignment { due_at: Some(day("2026-06-30")), ..healthy().assignments[0].clone() };
        let voluntary = Enrolment { is_mandatory: false, id: EnrolmentId(id(71)), ..enrolment() };
        let state =
            PartnerState { assignments: vec![late], enrolments: vec![enrolment(), voluntary], ..healthy() };
        check(state, Some((DiagnosisKind::Incomplete, Evidence::Overdue([id(50), id(70)].into()))));
    }
}
