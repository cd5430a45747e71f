//! The life of one user's enrolment in one course: begun, tried, passed or not, tried again.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::course::{Course, Score};
use super::{EnrolmentStatus, MissingPrerequisites};
use crate::ids::{CourseId, EnrolmentId, PartnerId, PartnerUserId};
use crate::kpis::engagement::training::EnrolmentFact;

/// One try at the test of a course, or the end of a course without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// What was reached; `None` without a test.
    pub score: Option<Score>,
    /// Whether it was enough.
    pub is_passed: bool,
}

/// One user's registration for one course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The enrolment.
    pub id: EnrolmentId,
    /// Who.
    pub user: PartnerUserId,
    /// The user's partner.
    pub partner: PartnerId,
    /// What.
    pub course: CourseId,
    /// Whether it has to be taken.
    pub is_mandatory: bool,
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
    /// Where it stands.
    pub status: EnrolmentStatus,
    /// Every try, in order.
    pub attempts: Vec<Attempt>,
}

/// Why an enrolment stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EnrolmentRefusal {
    /// Its life has no such step.
    #[error("an enrolment cannot go from {from} to {to}")]
    EnrolmentStepImpossible {
        /// Where it stands.
        from: EnrolmentStatus,
        /// Where it was to go.
        to: EnrolmentStatus,
    },
    /// The course builds on others.
    #[error(transparent)]
    EnrolmentPrerequisitesMissing(MissingPrerequisites),
    /// The test was tried as often as it may be.
    #[error(
        "the test was tried {0} times, which is all there are; ask the enablement owner for another enrolment"
    )]
    EnrolmentAttemptsUsed(usize),
    /// The course has a test.
    #[error("this course has a test; send the score")]
    EnrolmentScoreMissing,
}

impl Enrolment {
    /// The user begins, for the first time or again.
    pub fn start(
        &mut self,
        course: &Course,
        passed: &std::collections::BTreeSet<CourseId>,
    ) -> Result<(), EnrolmentRefusal> {
        self.check_step(EnrolmentStatus::Started)?;
        course.check_prerequisites(passed).map_err(EnrolmentRefusal::EnrolmentPrerequisitesMissing)?;
        // A pass opens a new round: whoever recertifies has all tries again.
        let tried = self.attempts.iter().rev().take_while(|it| !it.is_passed).count();
        if course.max_attempts.is_some_and(|max| tried >= max as usize) {
            return Err(EnrolmentRefusal::EnrolmentAttemptsUsed(tried));
        }
        self.status = EnrolmentStatus::Started;
        Ok(())
    }

    /// The user finishes: with a score where there is a test. Answers whether it was passed.
    pub fn finish(
        &mut self,
        course: &Course,
        score: Option<Score>,
        at: DateTime<Utc>,
    ) -> Result<bool, EnrolmentRefusal> {
        let is_passed = match (course.pass_mark, score) {
            (None, _) => true,
            (Some(mark), Some(score)) => mark.is_met(score),
            (Some(_), None) => return Err(EnrolmentRefusal::EnrolmentScoreMissing),
        };
        let to = if is_passed { EnrolmentStatus::Passed } else { EnrolmentStatus::Failed };
        self.check_step(to)?;
        self.status = to;
        self.attempts.push(Attempt { at, score, is_passed });
        Ok(is_passed)
    }

    /// Lets the user off.
    pub fn waive(&mut self) -> Result<(), EnrolmentRefusal> {
        self.end(EnrolmentStatus::Waived)
    }

    /// Takes the enrolment back.
    pub fn cancel(&mut self) -> Result<(), EnrolmentRefusal> {
        self.end(EnrolmentStatus::Cancelled)
    }

    /// When it was first passed.
    pub fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.attempts.iter().filter(|it| it.is_passed).map(|it| it.at).min()
    }

    /// Whether it waits and its date has passed.
    pub fn is_overdue(&self, at: DateTime<Utc>) -> bool {
        use EnrolmentStatus::{Assigned, Failed, Started};
        let waits = matches!(self.status, Assigned | Started | Failed) && self.completed_at().is_none();
        waits && self.due_at.is_some_and(|it| it < at)
    }

    /// What KPIs need of it.
    pub fn fact(&self) -> EnrolmentFact {
        EnrolmentFact {
            id: Uuid::from(self.id),
            partner: self.partner,
            is_mandatory: self.is_mandatory,
            due_at: self.due_at,
            completed_at: self.completed_at(),
            is_waived: self.status == EnrolmentStatus::Waived,
            is_cancelled: self.status == EnrolmentStatus::Cancelled,
        }
    }

    fn end(&mut self, to: EnrolmentStatus) -> Result<(), EnrolmentRefusal> {
        self.check_step(to)?;
        self.status = to;
        Ok(())
    }

    fn check_step(&self, to: EnrolmentStatus) -> Result<(), EnrolmentRefusal> {
        let is_possible = self.status.next().contains(&to);
        let from = self.status;
        if is_possible { Ok(()) } else { Err(EnrolmentRefusal::EnrolmentStepImpossible { from, to }) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::course::tests::{course, score};
    use super::*;
    use crate::kpis::worked::{day, id, partner_id, user_id};

    fn enrolment() -> Enrolment {
        Enrolment {
            id: EnrolmentId(id(1)),
            user: user_id(1, 1),
            partner: partner_id(1),
            course: CourseId(id(1)),
            is_mandatory: true,
            due_at: Some(day("2026-06-20")),
            status: EnrolmentStatus::Assigned,
            attempts: Vec::new(),
        }
    }

    fn passed() -> BTreeSet<CourseId> {
        course().prerequisites
    }

    /// Begins and finishes with each score.
    fn try_with(enrolment: &mut Enrolment, points: &[u32]) -> Result<(), EnrolmentRefusal> {
        for (days, points) in points.iter().enumerate() {
            enrolment.start(&course(), &passed())?;
            let at = day("2026-06-10") + chrono::TimeDelta::days(days as i64);
            enrolment.finish(&course(), Some(score(*points)), at)?;
        }
        Ok(())
    }

    #[test]
    fn a_failed_test_may_be_tried_again() {
        let mut it = enrolment();
        try_with(&mut it, &[79, 80]).unwrap();
        assert_eq!((it.status, it.completed_at()), (EnrolmentStatus::Passed, Some(day("2026-06-11"))));
    }

    #[test]
    fn three_tries_are_all_there_are_until_one_is_passed() {
        let refusal = try_with(&mut enrolment(), &[1, 2, 3, 90]).unwrap_err();
        assert_eq!(refusal, EnrolmentRefusal::EnrolmentAttemptsUsed(3));
        let mut it = enrolment();
        try_with(&mut it, &[1, 2, 90, 1, 2, 90]).unwrap();
        assert_eq!(it.completed_at(), Some(day("2026-06-12")), "the first pass counts");
    }

    #[test]
    fn a_test_needs_a_score_and_a_course_its_prerequisites() {
        let mut it = enrolment();
        assert!(matches!(
            it.start(&course(), &BTreeSet::new()),
            Err(EnrolmentRefusal::EnrolmentPrerequisitesMissing(_))
        ));
        it.start(&course(), &passed()).unwrap();
        assert_eq!(
            it.finish(&course(), None, day("2026-06-10")),
            Err(EnrolmentRefusal::EnrolmentScoreMissing)
        );
        let without_test = Course { pass_mark: None, ..course() };
        assert_eq!(it.finish(&without_test, None, day("2026-06-10")), Ok(true));
    }

    #[test]
    fn what_was_not_begun_cannot_be_finished_and_what_is_over_cannot_be_begun() {
        let mut it = enrolment();
        assert!(it.finish(&course(), Some(score(90)), day("2026-06-10")).is_err());
        it.waive().unwrap();
        assert!(it.start(&course(), &passed()).is_err());
        assert!(it.cancel().is_err());
        assert!(it.fact().is_waived);
    }

    #[test]
    fn a_failed_enrolment_is_overdue_and_a_passed_one_is_not() {
        let mut it = enrolment();
        assert!(!it.is_overdue(day("2026-06-20")) && it.is_overdue(day("2026-06-21")));
        try_with(&mut it, &[10]).unwrap();
        assert!(it.is_overdue(day("2026-06-21")));
        try_with(&mut it, &[90]).unwrap();
        assert!(!it.is_overdue(day("2026-06-21")));
    }
}
