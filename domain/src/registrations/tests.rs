//! The life of a registration as sentences, and what no order of events can bring about.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::calendar::Calendar;
use crate::lifecycle::{LifecyclePolicy, RegistrationWindows};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn windows() -> RegistrationWindows {
    LifecyclePolicy::default().registrations
}

fn submitted() -> RegistrationState {
    let priority = Priority { time: at("2026-04-06T10:00:00+09:00"), submission_seq: 1 };
    RegistrationState::Draft.submit(priority, false).unwrap()
}

fn under_review() -> RegistrationState {
    submitted().review(at("2026-04-06T10:00:00+09:00"), &Calendar::default(), &windows()).unwrap()
}

fn approve(basis: ApprovalBasis<'_>, approver: &str) -> Result<RegistrationState, RegistrationRefusal> {
    let approval = Approval { submitter: "sato", approver, basis, protection_days: 90 };
    under_review().approve(&approval, at("2026-04-10T14:00:00+09:00"))
}

fn priority_after_resubmission(at_time: &str) -> Priority {
    let returned_at = at("2026-04-07T11:00:00+09:00");
    let returned = submitted().return_for_information(returned_at, &Calendar::default(), &windows()).unwrap();
    let offered = Priority { time: at(at_time), submission_seq: 7 };
    returned.submit(offered, true).unwrap().priority().unwrap()
}

#[test]
fn an_answer_by_the_fifth_business_day_keeps_the_priority() {
    let kept = priority_after_resubmission("2026-04-14T18:00:00+09:00");
    assert_eq!(kept, Priority { time: at("2026-04-06T10:00:00+09:00"), submission_seq: 1 });
    let reset = priority_after_resubmission("2026-04-15T09:00:00+09:00");
    assert_eq!(reset, Priority { time: at("2026-04-15T09:00:00+09:00"), submission_seq: 7 });
}

#[test]
fn whoever_claims_something_else_waits_like_everybody() {
    let returned_at = at("2026-04-07T11:00:00+09:00");
    let returned = submitted().return_for_information(returned_at, &Calendar::default(), &windows()).unwrap();
    let offered = Priority { time: at("2026-04-08T09:00:00+09:00"), submission_seq: 7 };
    assert_eq!(returned.submit(offered, false).unwrap().priority(), Some(offered));
}

#[test]
fn a_decision_is_due_after_two_business_days_and_then_overdue_not_approved() {
    let RegistrationState::UnderReview { decide_by, .. } = under_review() else { panic!("not under review") };
    assert_eq!(decide_by, at("2026-04-08T18:00:00+09:00"));
    assert!(!under_review().is_overdue(decide_by));
    assert!(under_review().is_overdue(decide_by + TimeDelta::seconds(1)));
}

#[test]
fn an_approval_protects_from_the_priority_time() {
    let approved = approve(ApprovalBasis::Verdict(ClaimFinding::Upheld), "kato").unwrap();
    let RegistrationState::Approved { protection, .. } = approved else { panic!("not approved") };
    assert_eq!(protection.protected_from, at("2026-04-06T10:00:00+09:00"));
    assert_eq!(protection.expires_at, at("2026-07-10T00:00:00+09:00"));
}

#[test]
fn nobody_decides_on_what_they_submitted() {
    let own = approve(ApprovalBasis::Verdict(ClaimFinding::Clear), "sato");
    assert_eq!(own, Err(RegistrationRefusal::ApproverIsSubmitter));
    let own = under_review().reject(RejectCode::Other, "sato", "sato");
    assert_eq!(own, Err(RegistrationRefusal::ApproverIsSubmitter));
}

#[test]
fn a_provisional_verdict_blocks_even_an_override() {
    let refusal = Err(RegistrationRefusal::VerdictProvisional);
    assert_eq!(approve(ApprovalBasis::Verdict(ClaimFinding::Provisional), "kato"), refusal);
    let finding = Some(ClaimFinding::Provisional);
    assert_eq!(approve(ApprovalBasis::Override { finding, reason: "agreed by phone" }, "kato"), refusal);
}

#[test]
fn an_unfavourable_verdict_takes_a_reason_to_override() {
    for finding in [ClaimFinding::Lost, ClaimFinding::Manual] {
        let refused = approve(ApprovalBasis::Verdict(finding), "kato");
        assert_eq!(refused, Err(RegistrationRefusal::OverrideReasonMissing));
        let blank = approve(ApprovalBasis::Override { finding: Some(finding), reason: " " }, "kato");
        assert_eq!(blank, Err(RegistrationRefusal::ReasonMissing));
        let reason = "the customer asked for them";
        assert!(approve(ApprovalBasis::Override { finding: Some(finding), reason }, "kato").is_ok());
    }
}

#[test]
fn only_a_clear_finding_is_approved_by_itself() {
    for &finding in ClaimFinding::ALL {
        let approved = submitted().approve_if_clear(finding, at("2026-04-06T10:00:00+09:00"), 90);
        assert_eq!(approved.is_ok(), finding == ClaimFinding::Clear, "{finding}");
    }
}

#[test]
fn a_protection_expires_on_time_and_not_before() {
    let approved = approve(ApprovalBasis::Verdict(ClaimFinding::Clear), "kato").unwrap();
    let expires_at = at("2026-07-10T00:00:00+09:00");
    let early = approved.expire(expires_at - TimeDelta::seconds(1));
    assert_eq!(early, Err(RegistrationRefusal::ProtectionRuns { expires_at }));
    assert_eq!(approved.expire(expires_at), Ok(RegistrationState::Expired));
    let late = approved.extend(Some(expires_at), expires_at, &windows());
    assert_eq!(late, Err(RegistrationRefusal::ExtensionAfterExpiry { expires_at }));
}

#[test]
fn a_partner_may_withdraw_anything_open_and_revoking_takes_a_reason() {
    for open in [RegistrationState::Draft, submitted(), under_review()] {
        assert_eq!(open.withdraw(), Ok(RegistrationState::Withdrawn));
        assert_eq!(open.revoke(""), Err(RegistrationRefusal::ReasonMissing));
    }
    assert!(RegistrationState::Won.withdraw().is_err());
    assert!(RegistrationState::Withdrawn.revoke("late").is_err());
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Submit,
    ApproveIfClear,
    Review,
    Return,
    Approve,
    Reject,
    Extend,
    Expire,
    Win,
    Lose,
    Withdraw,
    Revoke,
}

fn events() -> impl Strategy<Value = Vec<(Event, i64)>> {
    use Event::*;
    let event = proptest::sample::select(vec![
        Submit,
        ApproveIfClear,
        Review,
        Return,
        Approve,
        Reject,
        Extend,
        Expire,
        Win,
        Lose,
        Withdraw,
        Revoke,
    ]);
    proptest::collection::vec((event, 0..20_i64), 1..40)
}

/// The rules by which a history runs.
struct Rules {
    calendar: Calendar,
    windows: RegistrationWindows,
}

fn apply(
    rules: &Rules,
    state: RegistrationState,
    event: Event,
    now: DateTime<Utc>,
    seq: u64,
) -> Result<RegistrationState, RegistrationRefusal> {
    let Rules { calendar, windows } = rules;
    let basis = ApprovalBasis::Verdict(ClaimFinding::Upheld);
    match event {
        Event::Submit => state.submit(Priority { time: now, submission_seq: seq }, true),
        Event::ApproveIfClear => state.approve_if_clear(ClaimFinding::Clear, now, 90),
        Event::Review => state.review(now, calendar, windows),
        Event::Return => state.return_for_information(now, calendar, windows),
        Event::Approve => {
            let approval = Approval { submitter: "a", approver: "b", basis, protection_days: 90 };
            state.approve(&approval, now)
        }
        Event::Reject => state.reject(RejectCode::Other, "a", "b"),
        Event::Extend => state.extend(Some(now), now, windows),
        Event::Expire => state.expire(now),
        Event::Win => state.win(),
        Event::Lose => state.lose(),
        Event::Withdraw => state.withdraw(),
        Event::Revoke => state.revoke("a person decided"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Invariants of any history: an end is an end, priority never gets earlier, and protection ends only by
    /// withdrawal, a person, a win or loss, or its time.
    #[test]
    fn no_history_breaks_the_promises(history in events()) {
        let rules = Rules { calendar: Calendar::default(), windows: windows() };
        let mut state = RegistrationState::Draft;
        let mut now = at("2026-04-06T10:00:00+09:00");
        for (seq, (event, days)) in history.into_iter().enumerate() {
            now += TimeDelta::days(days);
            let Ok(next) = apply(&rules, state, event, now, seq as u64) else { continue };
            prop_assert!(!state.status().is_terminal());
            if let (Some(before), Some(after)) = (state.priority(), next.priority()) {
                prop_assert!(before <= after);
            }
            if let RegistrationState::Approved { protection, .. } = state {
                let is_agreed = matches!(event, Event::Extend | Event::Win | Event::Lose | Event::Withdraw | Event::Revoke);
                prop_assert!(is_agreed || (matches!(event, Event::Expire) && now >= protection.expires_at));
            }
            state = next;
        }
    }
}
