//! What a course asks: other courses before it, and a score in its test.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::CourseMode;
use crate::ids::CourseId;

/// A course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The course.
    pub id: CourseId,
    /// How it is taken.
    pub mode: CourseMode,
    /// Courses to be passed before.
    pub prerequisites: BTreeSet<CourseId>,
    /// The score to reach; `None` when there is no test and working it through is enough.
    pub pass_mark: Option<PassMark>,
    /// How often its test may be tried; `None` for as often as one likes.
    pub max_attempts: Option<u32>,
    /// Months for which passing it certifies; `None` when it certifies nothing.
    pub validity_months: Option<u32>,
}

/// What was reached in a test, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(Decimal);

/// What has to be reached in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassMark(Score);

/// A score that the scale does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a score is from 0 to 100")]
pub struct InvalidPassMark;

/// A course that builds on others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} courses come before this one; pass them first", missing.len())]
pub struct MissingPrerequisites {
    /// The courses that are not passed yet.
    pub missing: BTreeSet<CourseId>,
}

impl TryFrom<Decimal> for Score {
    type Error = InvalidPassMark;

    fn try_from(score: Decimal) -> Result<Self, InvalidPassMark> {
        let is_on_scale = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&score);
        if is_on_scale { Ok(Self(score)) } else { Err(InvalidPassMark) }
    }
}

impl From<Score> for PassMark {
    fn from(score: Score) -> Self {
        Self(score)
    }
}

impl PassMark {
    /// Whether a score is enough; the mark itself is.
    pub fn is_met(self, score: Score) -> bool {
        score >= self.0
    }
}

impl Course {
    /// Checks that a user may begin.
    pub fn check_prerequisites(&self, passed: &BTreeSet<CourseId>) -> Result<(), MissingPrerequisites> {
        let missing: BTreeSet<_> = self.prerequisites.difference(passed).copied().collect();
        if missing.is_empty() { Ok(()) } else { Err(MissingPrerequisites { missing }) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kpis::worked::id;

    pub fn course() -> Course {
        Course {
            id: CourseId(id(1)),
            mode: CourseMode::SelfPaced,
            prerequisites: [CourseId(id(2)), CourseId(id(3))].into(),
            pass_mark: Some(score(80).into()),
            max_attempts: Some(3),
            validity_months: Some(12),
        }
    }

    pub fn score(points: u32) -> Score {
        Decimal::from(points).try_into().unwrap()
    }

    #[test]
    fn what_comes_before_is_named() {
        let refusal = course().check_prerequisites(&[CourseId(id(2))].into()).unwrap_err();
        assert_eq!(refusal.missing, [CourseId(id(3))].into());
        assert!(course().check_prerequisites(&[2, 3, 4].map(|it| CourseId(id(it))).into()).is_ok());
    }

    #[test]
    fn the_mark_itself_is_enough_and_the_scale_ends_at_a_hundred() {
        let mark = PassMark::from(score(80));
        assert!(
            mark.is_met(score(80)) && !mark.is_met("79.99".parse::<Decimal>().unwrap().try_into().unwrap())
        );
        assert_eq!(Score::try_from(Decimal::from(101)), Err(InvalidPassMark));
    }
}
