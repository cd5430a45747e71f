//! The life of a conflict: from being noticed to being settled, appealed once, and opened again by new facts.

use chrono::{DateTime, Utc};

use super::{ConflictPolicy, Outcome, Verdict, VerdictDiff, diff};
use crate::calendar::Calendar;
use crate::registrations::ClaimFinding;

crate::codes! {
    /// Where a conflict stands.
    pub enum ConflictStatus {
        Detected("検知", "Detected"),
        AutoResolved("自動解決", "Resolved by the rules"),
        UnderReview("審査中", "Under review"),
        Resolved("解決", "Resolved"),
        Appealed("異議申立", "Appealed"),
        Reopened("再開", "Reopened"),
        Dismissed("対象外", "Dismissed"),
        Closed("終了", "Closed"),
    }
}

/// Where a conflict stands, with what its guards ask.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConflictState {
    /// The status.
    pub status: ConflictStatus,
    /// When it was settled, by the rules or by a person.
    pub settled_at: Option<DateTime<Utc>>,
    /// Who settled it, when a person did.
    pub reviewer: Option<String>,
    /// The one appeal, if there was one.
    pub appeal: Option<Appeal>,
}

/// A loser's appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// When.
    pub at: DateTime<Utc>,
    /// Who had settled the conflict; somebody else answers.
    pub against: Option<String>,
}

/// Why a conflict cannot be moved on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ConflictRefusal {
    /// It stands elsewhere in its life.
    #[error("the conflict is {status}, which does not allow this; read it again")]
    ConflictState {
        /// Where it stands.
        status: ConflictStatus,
    },
    /// Nobody appeals against their own advantage.
    #[error("only a party whose claim did not go first may appeal")]
    AppealNotLoser,
    /// Too late.
    #[error("an appeal was possible until {until}")]
    AppealTooLate {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// One is all.
    #[error("this conflict has been appealed once already; the answer to that appeal stands")]
    AppealTwice,
    /// The same person again.
    #[error("you settled this conflict before; somebody else answers the appeal")]
    AppealSameReviewer,
    /// Not yet over.
    #[error("an appeal is possible until {until}; close the conflict after that")]
    AppealStillPossible {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The window reaches past the holidays that are known.
    #[error(transparent)]
    CalendarEnds(#[from] crate::calendar::CalendarEnds),
}

impl ConflictState {
    /// A conflict that was just noticed.
    pub fn detected() -> Self {
        Self::of(ConflictStatus::Detected)
    }

    /// A conflict that stands there, of which nothing else is known.
    pub fn of(status: ConflictStatus) -> Self {
        Self { status, settled_at: None, reviewer: None, appeal: None }
    }

    /// With what happened to it: when it was settled, by whom, and when an appeal was made against whom.
    #[must_use]
    pub fn with(
        self,
        settled_at: Option<DateTime<Utc>>,
        reviewer: Option<String>,
        appeal: Option<(DateTime<Utc>, Option<String>)>,
    ) -> Self {
        let appeal = appeal.map(|(at, against)| Appeal { at, against });
        Self { settled_at, reviewer, appeal, ..self }
    }

    /// Lets the rules settle it: what they decide is resolved, what they cannot goes to a person, and a
    /// provisional verdict waits for the CRM.
    pub fn settle(self, outcome: Outcome, now: DateTime<Utc>) -> Result<Self, ConflictRefusal> {
        self.require(&[ConflictStatus::Detected])?;
        let status = match outcome {
            Outcome::Upheld { .. } | Outcome::Coexist => ConflictStatus::AutoResolved,
            Outcome::Manual => ConflictStatus::UnderReview,
            Outcome::Clear => ConflictStatus::Dismissed,
            Outcome::Provisional => return Ok(self),
        };
        let settled_at = (status == ConflictStatus::AutoResolved).then_some(now);
        Ok(Self { status, settled_at, ..self })
    }

    /// Puts it before a person.
    pub fn review(self) -> Result<Self, ConflictRefusal> {
        use ConflictStatus::{Appealed, Detected, Reopened};
        self.require(&[Detected, Appealed, Reopened])?;
        Ok(Self { status: ConflictStatus::UnderReview, ..self })
    }

    /// A person settles it; an appeal is answered by another one than whom it is against.
    pub fn resolve(self, reviewer: &str, now: DateTime<Utc>) -> Result<Self, ConflictRefusal> {
        self.require(&[ConflictStatus::UnderReview])?;
        if self.is_appealed_against(reviewer) {
            return Err(ConflictRefusal::AppealSameReviewer);
        }
        let (settled_at, reviewer) = (Some(now), Some(reviewer.to_owned()));
        Ok(Self { status: ConflictStatus::Resolved, settled_at, reviewer, ..self })
    }

    /// The loser disagrees, once and in time. `finding` is what was decided about the claim of who appeals.
    pub fn appeal(
        self,
        finding: ClaimFinding,
        now: DateTime<Utc>,
        calendar: &Calendar,
        policy: &ConflictPolicy,
    ) -> Result<Self, ConflictRefusal> {
        let until = self.appeal_until(calendar, policy)?;
        if self.appeal.is_some() {
            return Err(ConflictRefusal::AppealTwice);
        }
        if finding != ClaimFinding::Lost {
            return Err(ConflictRefusal::AppealNotLoser);
        }
        if now > until {
            return Err(ConflictRefusal::AppealTooLate { until });
        }
        let appeal = Some(Appeal { at: now, against: self.reviewer.clone() });
        Ok(Self { status: ConflictStatus::Appealed, appeal, ..self })
    }

    /// A person calls it a false alarm; after an appeal, another one than whom it is against.
    pub fn dismiss(self, reviewer: &str) -> Result<Self, ConflictRefusal> {
        match self.status {
            ConflictStatus::Closed | ConflictStatus::Dismissed => Err(self.refuse()),
            _ if self.is_appealed_against(reviewer) => Err(ConflictRefusal::AppealSameReviewer),
            _ => Ok(Self { status: ConflictStatus::Dismissed, ..self }),
        }
    }

    fn is_appealed_against(&self, reviewer: &str) -> bool {
        self.appeal.as_ref().is_some_and(|it| it.against.as_deref() == Some(reviewer))
    }

    /// Ends it, once nobody can appeal any more.
    pub fn close(
        self,
        now: DateTime<Utc>,
        calendar: &Calendar,
        policy: &ConflictPolicy,
    ) -> Result<Self, ConflictRefusal> {
        let until = self.appeal_until(calendar, policy)?;
        match self.appeal.is_none() && now <= until {
            true => Err(ConflictRefusal::AppealStillPossible { until }),
            false => Ok(Self { status: ConflictStatus::Closed, ..self }),
        }
    }

    /// Takes new facts into account, and tells what changed. Nobody's approval is touched: a conflict that was
    /// settled is opened again for a person, and one that has lost its reason is dismissed.
    pub fn reconsider(self, earlier: &Verdict, later: &Verdict) -> (Self, VerdictDiff) {
        use ConflictStatus::{AutoResolved, Closed, Dismissed, Reopened, Resolved};
        let diff = diff(earlier, later);
        let is_over = later.outcome == Outcome::Clear && later.types.is_empty();
        let status = match self.status {
            before if later.outcome == Outcome::Provisional || !diff.is_material() => before,
            before if is_over && before != Closed => Dismissed,
            AutoResolved | Resolved | Closed | Dismissed if !is_over => Reopened,
            before => before,
        };
        (Self { status, ..self }, diff)
    }

    /// Until when the loser may appeal. Refused where nothing is settled.
    pub fn appeal_until(
        &self,
        calendar: &Calendar,
        policy: &ConflictPolicy,
    ) -> Result<DateTime<Utc>, ConflictRefusal> {
        self.require(&[ConflictStatus::AutoResolved, ConflictStatus::Resolved])?;
        let settled_at = self.settled_at.ok_or_else(|| self.refuse())?;
        Ok(calendar.end_of_business_day(settled_at, policy.appeal_business_days())?)
    }

    fn require(&self, allowed: &[ConflictStatus]) -> Result<(), ConflictRefusal> {
        if allowed.contains(&self.status) { Ok(()) } else { Err(self.refuse()) }
    }

    fn refuse(&self) -> ConflictRefusal {
        ConflictRefusal::ConflictState { status: self.status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn resolved_by(reviewer: &str) -> ConflictState {
        let now = at("2026-04-06T10:00:00+09:00");
        let detected = ConflictState::detected().settle(Outcome::Manual, now).unwrap();
        detected.resolve(reviewer, now).unwrap()
    }

    fn appeal(
        state: ConflictState,
        finding: ClaimFinding,
        now: &str,
    ) -> Result<ConflictState, ConflictRefusal> {
        state.appeal(finding, at(now), &Calendar::default(), &ConflictPolicy::default())
    }

    #[test]
    fn the_loser_may_appeal_for_ten_business_days() {
        let until = "2026-04-20T18:00:00+09:00";
        assert!(appeal(resolved_by("kato"), ClaimFinding::Lost, until).is_ok());
        let late = appeal(resolved_by("kato"), ClaimFinding::Lost, "2026-04-20T18:00:01+09:00");
        assert_eq!(late, Err(ConflictRefusal::AppealTooLate { until: at(until) }));
        let winner = appeal(resolved_by("kato"), ClaimFinding::Upheld, until);
        assert_eq!(winner, Err(ConflictRefusal::AppealNotLoser));
    }

    #[test]
    fn an_appeal_is_answered_by_somebody_else_and_only_once() {
        let appealed = appeal(resolved_by("kato"), ClaimFinding::Lost, "2026-04-07T10:00:00+09:00").unwrap();
        let review = appealed.review().unwrap();
        let now = at("2026-04-08T10:00:00+09:00");
        assert_eq!(review.clone().resolve("kato", now), Err(ConflictRefusal::AppealSameReviewer));
        let answered = review.resolve("mori", now).unwrap();
        let again = appeal(answered, ClaimFinding::Lost, "2026-04-09T10:00:00+09:00");
        assert_eq!(again, Err(ConflictRefusal::AppealTwice));
    }

    #[test]
    fn a_conflict_closes_when_nobody_can_appeal_any_more() {
        let (calendar, policy) = (Calendar::default(), ConflictPolicy::default());
        let early = resolved_by("kato").close(at("2026-04-20T18:00:00+09:00"), &calendar, &policy);
        assert!(matches!(early, Err(ConflictRefusal::AppealStillPossible { .. })));
        let closed = resolved_by("kato").close(at("2026-04-20T18:00:01+09:00"), &calendar, &policy);
        assert_eq!(closed.map(|it| it.status), Ok(ConflictStatus::Closed));
    }

    #[test]
    fn a_provisional_verdict_waits() {
        let waiting =
            ConflictState::detected().settle(Outcome::Provisional, at("2026-04-06T10:00:00Z")).unwrap();
        assert_eq!(waiting, ConflictState::detected());
    }
}
