//! The life of one support item at one partner: delivered, opened, consumed, acted upon.
//!
//! Events may come late and out of order: each instant is the earliest that was reported.

use chrono::{DateTime, Utc};

use super::AssignmentStage;
use crate::ids::{AssetVersionId, AssignmentId, PartnerId};
use crate::kpis::engagement::consumption::AssignmentFact;

/// One version of an asset given to one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The assignment.
    pub id: AssignmentId,
    /// To whom.
    pub partner: PartnerId,
    /// What.
    pub version: AssetVersionId,
    /// When it was given.
    pub assigned_at: DateTime<Utc>,
    /// By when it is to be consumed.
    pub due_at: Option<DateTime<Utc>>,
    /// When the partner was told.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When a user first did anything with it.
    pub opened_at: Option<DateTime<Utc>>,
    /// When the criterion of its kind was met.
    pub consumed_at: Option<DateTime<Utc>>,
    /// When the action that it was meant for followed.
    pub acted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub cancelled_at: Option<DateTime<Utc>>,
}

/// Why an assignment stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AssignmentRefusal {
    /// It is over.
    #[error("the assignment was cancelled at {cancelled_at}; assign the asset again")]
    AssignmentCancelled {
        /// When.
        cancelled_at: DateTime<Utc>,
    },
    /// It has done what it was for.
    #[error("the assignment was consumed at {consumed_at} and stays on record; it cannot be cancelled")]
    AssignmentConsumed {
        /// When.
        consumed_at: DateTime<Utc>,
    },
}

/// What a new version of an asset does to one open assignment of the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The assignment of the old version, closed.
    pub closed: Assignment,
    /// To whom the new version is given.
    pub partner: PartnerId,
    /// By when; the same as before.
    pub due_at: Option<DateTime<Utc>>,
}

impl Assignment {
    /// How far it has come.
    pub fn stage(&self) -> AssignmentStage {
        match self {
            Self { acted_at: Some(_), .. } => AssignmentStage::Acted,
            Self { consumed_at: Some(_), .. } => AssignmentStage::Consumed,
            Self { cancelled_at: Some(_), .. } => AssignmentStage::Cancelled,
            Self { opened_at: Some(_), .. } => AssignmentStage::Opened,
            Self { delivered_at: Some(_), .. } => AssignmentStage::Delivered,
            _ => AssignmentStage::Assigned,
        }
    }

    /// Whether it still waits to be consumed.
    pub fn is_open(&self) -> bool {
        self.consumed_at.is_none() && self.cancelled_at.is_none()
    }

    /// Whether it waits and its date has passed. Derived, never stored.
    pub fn is_overdue(&self, at: DateTime<Utc>) -> bool {
        self.is_open() && self.due_at.is_some_and(|it| it < at)
    }

    /// The partner was told.
    pub fn deliver(&mut self, at: DateTime<Utc>) -> Result<(), AssignmentRefusal> {
        self.check_running(at)?;
        self.delivered_at = earliest(self.delivered_at, at);
        Ok(())
    }

    /// A user did something with it; `is_consumed` says whether the criterion of its kind is met by now.
    ///
    /// What happened before it was cancelled counts, even if we hear of it later.
    pub fn engage(&mut self, at: DateTime<Utc>, is_consumed: bool) -> Result<(), AssignmentRefusal> {
        self.check_running(at)?;
        self.opened_at = earliest(self.opened_at, at);
        if is_consumed {
            self.consumed_at = earliest(self.consumed_at, at);
        }
        Ok(())
    }

    /// The action that it was meant for followed.
    pub fn act(&mut self, at: DateTime<Utc>) -> Result<(), AssignmentRefusal> {
        self.check_running(at)?;
        self.acted_at = earliest(self.acted_at, at);
        Ok(())
    }

    /// Takes it back; what was consumed stays.
    pub fn cancel(&mut self, at: DateTime<Utc>) -> Result<(), AssignmentRefusal> {
        if let Some(consumed_at) = self.consumed_at {
            return Err(AssignmentRefusal::AssignmentConsumed { consumed_at });
        }
        self.cancelled_at = earliest(self.cancelled_at, at);
        Ok(())
    }

    /// What KPIs need of it.
    pub fn fact(&self) -> AssignmentFact {
        AssignmentFact {
            id: self.id.0,
            partner: self.partner,
            assigned_at: self.assigned_at,
            due_at: self.due_at,
            consumed_at: self.consumed_at,
            cancelled_at: self.cancelled_at,
        }
    }

    fn check_running(&self, at: DateTime<Utc>) -> Result<(), AssignmentRefusal> {
        match self.cancelled_at.filter(|it| *it <= at) {
            Some(cancelled_at) => Err(AssignmentRefusal::AssignmentCancelled { cancelled_at }),
            None => Ok(()),
        }
    }
}

/// Closes the open assignments of a version that another supersedes; each partner gets the new one by the same date.
pub fn supersede(assignments: &[Assignment], old: AssetVersionId, at: DateTime<Utc>) -> Vec<Replacement> {
    let open = assignments.iter().filter(|it| it.version == old && it.is_open());
    let replace = |it: &Assignment| Replacement {
        closed: Assignment { cancelled_at: Some(at), ..it.clone() },
        partner: it.partner,
        due_at: it.due_at,
    };
    open.map(replace).collect()
}

fn earliest(known: Option<DateTime<Utc>>, reported: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(known.map_or(reported, |it| it.min(reported)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id, partner_id};

    fn assignment() -> Assignment {
        Assignment {
            id: AssignmentId(id(1)),
            partner: partner_id(1),
            version: AssetVersionId(id(7)),
            assigned_at: day("2026-06-01"),
            due_at: Some(day("2026-06-20")),
            delivered_at: None,
            opened_at: None,
            consumed_at: None,
            acted_at: None,
            cancelled_at: None,
        }
    }

    #[test]
    fn it_goes_from_assigned_to_acted() {
        let mut it = assignment();
        let mut stages = vec![it.stage()];
        it.deliver(day("2026-06-02")).unwrap();
        stages.push(it.stage());
        it.engage(day("2026-06-03"), false).unwrap();
        stages.push(it.stage());
        it.engage(day("2026-06-04"), true).unwrap();
        stages.push(it.stage());
        it.act(day("2026-06-05")).unwrap();
        stages.push(it.stage());
        let codes: Vec<_> = stages.into_iter().map(AssignmentStage::code).collect();
        assert_eq!(codes, ["ASSIGNED", "DELIVERED", "OPENED", "CONSUMED", "ACTED"]);
    }

    #[test]
    fn late_events_move_instants_back_and_never_forward() {
        let mut it = assignment();
        it.engage(day("2026-06-10"), true).unwrap();
        it.engage(day("2026-06-05"), true).unwrap();
        it.engage(day("2026-06-12"), true).unwrap();
        assert_eq!((it.opened_at, it.consumed_at), (Some(day("2026-06-05")), Some(day("2026-06-05"))));
    }

    #[test]
    fn overdue_is_derived() {
        let mut it = assignment();
        assert!(!it.is_overdue(day("2026-06-20")));
        assert!(it.is_overdue(day("2026-06-21")));
        it.engage(day("2026-06-22"), true).unwrap();
        assert!(!it.is_overdue(day("2026-06-23")));
    }

    #[test]
    fn what_is_cancelled_takes_only_what_happened_before() {
        let mut it = assignment();
        it.cancel(day("2026-06-10")).unwrap();
        assert!(matches!(
            it.engage(day("2026-06-10"), true),
            Err(AssignmentRefusal::AssignmentCancelled { .. })
        ));
        it.engage(day("2026-06-09"), true).unwrap();
        assert_eq!(it.stage(), AssignmentStage::Consumed);
        assert!(matches!(it.cancel(day("2026-06-11")), Err(AssignmentRefusal::AssignmentConsumed { .. })));
    }

    #[test]
    fn a_new_version_replaces_open_assignments_by_the_same_date() {
        let consumed = Assignment { consumed_at: Some(day("2026-06-05")), ..assignment() };
        let other = Assignment { version: AssetVersionId(id(8)), ..assignment() };
        let replaced = supersede(&[assignment(), consumed, other], AssetVersionId(id(7)), day("2026-06-10"));
        assert_eq!(replaced.len(), 1);
        assert_eq!(
            (replaced[0].due_at, replaced[0].closed.stage()),
            (Some(day("2026-06-20")), AssignmentStage::Cancelled)
        );
    }
}
