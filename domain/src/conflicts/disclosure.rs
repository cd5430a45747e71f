//! What a partner may be shown: the own claim, and nothing that tells who the others are or what direct sales does.

use chrono::{DateTime, TimeDelta, Utc};

use super::overlap::same_account;
use super::{ClaimKey, ConflictPolicy, Disclosure, Ground, Outcome, Party, Rule, Verdict};
use crate::ids::PartnerId;
use crate::registrations::{ClaimFinding, RejectCode};
use crate::text::Language;

crate::codes! {
    /// The answer to a check before a registration, in one shape whatever lies behind it.
    pub enum CheckAnswer {
        Clear("登録できます", "Nothing stands in the way"),
        NeedsReview("審査が必要です", "A person will look at it"),
        Blocked("登録できません", "It would be rejected"),
    }
}

/// What a partner sees of a verdict on its own claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct PartnerView {
    /// The own claim.
    pub claim: ClaimKey,
    /// What was decided about it.
    pub finding: ClaimFinding,
    /// Why it does not go first.
    pub code: Option<RejectCode>,
    /// The rule that decided, where its name betrays nothing.
    pub rule: Option<Rule>,
}

impl PartnerView {
    /// Why, in words that name nobody.
    pub fn reason(&self, language: Language) -> &'static str {
        self.code.map_or_else(|| self.finding.label(language), |it| it.label(language))
    }
}

/// A partner's view of the verdict on one of its claims; `None` when the claim is not the partner's.
pub fn partner_view(verdict: &Verdict, partner: PartnerId, claim: ClaimKey) -> Option<PartnerView> {
    let own = verdict.case.claim(claim).is_some_and(|it| it.party() == Party::Partner(partner));
    let finding = verdict.finding(claim).filter(|_| own)?;
    let lost = verdict.removal(claim).filter(|_| finding == ClaimFinding::Lost);
    let rule = match finding {
        ClaimFinding::Lost => lost.map(|(step, _)| step.rule),
        // That direct sales was beaten would tell that there is a direct opportunity.
        ClaimFinding::Upheld => verdict.decided_by().filter(|it| *it != Rule::DirectEngagement),
        // Which rule asked for a person would tell that an account is reserved, or to whom a territory is not.
        ClaimFinding::Manual => Some(Rule::Manual),
        ClaimFinding::Clear | ClaimFinding::Shared | ClaimFinding::Provisional => None,
    };
    Some(PartnerView { claim, finding, code: lost.map(|(_, removed)| removed.code), rule })
}

/// The answer to a check, from the verdict on the claim that the partner would make. It reserves nothing.
pub fn check_answer(policy: &ConflictPolicy, verdict: &Verdict) -> CheckAnswer {
    if policy.disclosure() == Disclosure::Minimal && is_customer_of_another(policy, verdict) {
        return CheckAnswer::NeedsReview;
    }
    match verdict.finding(verdict.case.facts().subject) {
        _ if verdict.outcome == Outcome::Provisional => CheckAnswer::NeedsReview,
        Some(ClaimFinding::Clear) => CheckAnswer::Clear,
        Some(ClaimFinding::Lost) => CheckAnswer::Blocked,
        _ => CheckAnswer::NeedsReview,
    }
}

fn is_customer_of_another(policy: &ConflictPolicy, verdict: &Verdict) -> bool {
    let asking = verdict.case.subject();
    verdict.case.facts().claims.iter().any(|it| {
        matches!(it.ground, Ground::Incumbent { .. })
            && it.party() != asking.party()
            && same_account(&it.account, &asking.account, policy.has_family_scope()).is_some()
    })
}

/// How often one user may check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeLimit {
    /// Checks in any hour.
    pub per_hour: u32,
}

/// Somebody checks too often, which looks like reading the customer list one by one: raise an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you may check {per_hour} times in an hour; try again at {again_at}")]
pub struct TooManyChecks {
    /// Checks in any hour.
    pub per_hour: u32,
    /// When the next one is admitted.
    pub again_at: DateTime<Utc>,
}

impl ProbeLimit {
    /// Whether a user who checked at these instants, in any order, may check again.
    pub fn admit(self, earlier: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<(), TooManyChecks> {
        let hour = TimeDelta::hours(1);
        let mut recent: Vec<_> = earlier.iter().filter(|it| now - **it < hour).collect();
        recent.sort_unstable_by(|a, b| b.cmp(a));
        let oldest = (self.per_hour as usize).checked_sub(1).and_then(|last| recent.get(last));
        match oldest {
            Some(oldest) => Err(TooManyChecks { per_hour: self.per_hour, again_at: **oldest + hour }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thirty_first_check_of_an_hour_is_refused() {
        let limit = ProbeLimit { per_hour: 30 };
        let start: DateTime<Utc> = "2026-04-06T01:00:00Z".parse().unwrap();
        let mut earlier: Vec<_> = (0..29).map(|it| start + TimeDelta::minutes(it)).collect();
        let now = start + TimeDelta::minutes(40);
        assert_eq!(limit.admit(&earlier, now), Ok(()));
        earlier.push(start + TimeDelta::minutes(30));
        let again_at = start + TimeDelta::hours(1);
        assert_eq!(limit.admit(&earlier, now), Err(TooManyChecks { per_hour: 30, again_at }));
        assert_eq!(limit.admit(&earlier, again_at), Ok(()));
    }
}
