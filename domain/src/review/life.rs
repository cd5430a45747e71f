//! A task in people's hands: claimed for a while, decided by whoever may, by as many as it takes.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ReviewDecision, ReviewKind, ReviewState};

/// How long a claim holds before the task is open again.
pub const LEASE: TimeDelta = TimeDelta::minutes(30);

/// Somebody is at a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Who.
    pub by: &'a str,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// One person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote<'a> {
    /// Whose.
    pub by: &'a str,
    /// Which.
    pub decision: ReviewDecision,
}

/// Where a task stands, as far as its guards care.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// What is asked.
    pub kind: ReviewKind,
    /// The stored state.
    pub state: ReviewState,
    /// Who is at it; the lease may be over.
    pub claim: Option<Claim<'a>>,
    /// Who asked, when it was a person.
    pub requested_by: Option<&'a str>,
    /// How many people have to decide alike.
    pub deciders: usize,
    /// What was decided since the question was last asked.
    pub votes: &'a [Vote<'a>],
}

/// What a decision means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It holds.
    Decided,
    /// It is noted; others have to decide as well.
    NotedFor {
        /// How many more.
        missing: usize,
    },
}

/// Why somebody cannot do that with a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewRefusal {
    /// Somebody else is at it.
    #[error("somebody else holds this task until {until}; take another one, or wait")]
    ReviewTaskHeld {
        /// When the lease ends.
        until: DateTime<Utc>,
    },
    /// It is nobody's, or somebody else's.
    #[error("you do not hold this task, or no longer do; claim it first")]
    ReviewTaskNotHeld,
    /// It does not wait for anybody.
    #[error("this task is {state}; only tasks that wait for a decision can be claimed and decided")]
    ReviewTaskClosed {
        /// Where it stands.
        state: ReviewState,
    },
    /// The answer does not fit the question.
    #[error("{decision} is no answer to a task of kind {kind}; use one of {allowed}")]
    DecisionOfAnotherKind {
        /// What was asked.
        kind: ReviewKind,
        /// What was answered.
        decision: ReviewDecision,
        /// What would fit, separated by commas.
        allowed: String,
    },
    /// Who asked does not answer.
    #[error("you asked for this yourself; somebody else has to decide")]
    FourEyesRequired,
    /// Nobody decides twice.
    #[error("you have decided this task already; somebody else has to decide as well")]
    AlreadyDecidedByYou,
}

impl<'a> Standing<'a> {
    /// The state at an instant: a task whose lease is over is open.
    pub fn state_at(&self, now: DateTime<Utc>) -> ReviewState {
        match self.state {
            ReviewState::Claimed if self.holder_at(now).is_none() => ReviewState::Open,
            state => state,
        }
    }

    /// Who is at it at an instant.
    pub fn holder_at(&self, now: DateTime<Utc>) -> Option<Claim<'a>> {
        self.claim.filter(|it| self.state == ReviewState::Claimed && now < it.until)
    }

    /// Somebody takes the task, or takes it again; gives the end of the lease.
    pub fn claim(&self, who: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, ReviewRefusal> {
        self.check_available(who, now)?;
        Ok(now + LEASE)
    }

    /// Whoever holds the task holds it for another lease from now; gives its end.
    pub fn renew(&self, who: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, ReviewRefusal> {
        self.check_held(who, now)?;
        Ok(now + LEASE)
    }

    /// Whoever holds the task gives it back.
    pub fn release(&self, who: &str, now: DateTime<Utc>) -> Result<(), ReviewRefusal> {
        self.check_held(who, now)
    }

    /// Somebody decides. Nobody needs to claim a task first that nobody else holds.
    pub fn decide(
        &self,
        who: &str,
        decision: ReviewDecision,
        now: DateTime<Utc>,
    ) -> Result<Ruling, ReviewRefusal> {
        self.check_available(who, now)?;
        if !self.kind.decisions().contains(&decision) {
            let allowed: Vec<&str> = self.kind.decisions().iter().map(|it| it.code()).collect();
            let allowed = allowed.join(", ");
            return Err(ReviewRefusal::DecisionOfAnotherKind { kind: self.kind, decision, allowed });
        }
        if self.requested_by == Some(who) {
            return Err(ReviewRefusal::FourEyesRequired);
        }
        if self.votes.iter().any(|it| it.by == who) {
            return Err(ReviewRefusal::AlreadyDecidedByYou);
        }
        Ok(self.ruling(decision))
    }

    /// A decision holds when as many different people have made it as the task asks for.
    fn ruling(&self, decision: ReviewDecision) -> Ruling {
        let alike = self.votes.iter().filter(|it| it.decision == decision).map(|it| it.by);
        let agreeing = alike.collect::<BTreeSet<_>>().len() + 1;
        match self.deciders.saturating_sub(agreeing) {
            0 => Ruling::Decided,
            missing => Ruling::NotedFor { missing },
        }
    }

    fn check_available(&self, who: &str, now: DateTime<Utc>) -> Result<(), ReviewRefusal> {
        if !self.state.is_waiting() {
            return Err(ReviewRefusal::ReviewTaskClosed { state: self.state });
        }
        match self.holder_at(now) {
            Some(claim) if claim.by != who => Err(ReviewRefusal::ReviewTaskHeld { until: claim.until }),
            _ => Ok(()),
        }
    }

    fn check_held(&self, who: &str, now: DateTime<Utc>) -> Result<(), ReviewRefusal> {
        self.check_available(who, now)?;
        self.holder_at(now).map(drop).ok_or(ReviewRefusal::ReviewTaskNotHeld)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReviewDecision::{Approve, Different, Same};

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn open() -> Standing<'static> {
        Standing {
            kind: ReviewKind::Match,
            state: ReviewState::Open,
            claim: None,
            requested_by: None,
            deciders: 1,
            votes: &[],
        }
    }

    fn held_by(by: &str) -> Standing<'_> {
        let claim = Some(Claim { by, until: at(30) });
        Standing { state: ReviewState::Claimed, claim, ..open() }
    }

    #[test]
    fn a_claim_holds_for_half_an_hour_and_then_the_task_is_open_again() {
        assert_eq!(open().claim("mori", at(0)), Ok(at(30)));
        let held = ReviewRefusal::ReviewTaskHeld { until: at(30) };
        assert_eq!(held_by("mori").claim("abe", at(29)), Err(held.clone()));
        assert_eq!(held_by("mori").decide("abe", Same, at(29)), Err(held));
        assert_eq!(held_by("mori").state_at(at(30)), ReviewState::Open);
        assert_eq!(held_by("mori").claim("abe", at(30)), Ok(at(60)));
    }

    #[test]
    fn only_the_holder_renews_and_gives_back() {
        assert_eq!(held_by("mori").renew("mori", at(10)), Ok(at(40)));
        assert_eq!(held_by("mori").release("mori", at(10)), Ok(()));
        assert_eq!(held_by("mori").renew("mori", at(30)), Err(ReviewRefusal::ReviewTaskNotHeld));
        assert_eq!(open().release("mori", at(0)), Err(ReviewRefusal::ReviewTaskNotHeld));
        let held = ReviewRefusal::ReviewTaskHeld { until: at(30) };
        assert_eq!(held_by("mori").release("abe", at(0)), Err(held));
    }

    #[test]
    fn what_is_over_cannot_be_decided_but_what_failed_can() {
        for state in [ReviewState::Decided, ReviewState::Applied, ReviewState::Superseded] {
            let task = Standing { state, ..open() };
            assert_eq!(task.decide("mori", Same, at(0)), Err(ReviewRefusal::ReviewTaskClosed { state }));
        }
        let failed = Standing { state: ReviewState::Failed, ..open() };
        assert_eq!(failed.decide("mori", Same, at(0)), Ok(Ruling::Decided));
    }

    #[test]
    fn an_answer_fits_its_question() {
        let refusal = open().decide("mori", Approve, at(0)).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "APPROVE is no answer to a task of kind MATCH; use one of SAME, DIFFERENT"
        );
    }

    #[test]
    fn who_asked_does_not_answer() {
        let asked = Standing { requested_by: Some("mori"), ..open() };
        assert_eq!(asked.decide("mori", Same, at(0)), Err(ReviewRefusal::FourEyesRequired));
        assert_eq!(asked.decide("abe", Same, at(0)), Ok(Ruling::Decided));
    }

    #[test]
    fn where_two_decide_both_must_agree() {
        let (mori, abe) = (Vote { by: "mori", decision: Same }, Vote { by: "abe", decision: Different });
        let two = |votes| Standing { deciders: 2, votes, ..open() };
        assert_eq!(two(&[]).decide("mori", Same, at(0)), Ok(Ruling::NotedFor { missing: 1 }));
        let votes = [mori];
        assert_eq!(two(&votes).decide("mori", Same, at(0)), Err(ReviewRefusal::AlreadyDecidedByYou));
        assert_eq!(two(&votes).decide("abe", Same, at(0)), Ok(Ruling::Decided));
        assert_eq!(two(&votes).decide("abe", Different, at(0)), Ok(Ruling::NotedFor { missing: 1 }));
        let votes = [mori, abe];
        assert_eq!(two(&votes).decide("ito", Different, at(0)), Ok(Ruling::Decided));
    }
}
