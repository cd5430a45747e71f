//! What differs between two verdicts on one claim: why a conflict was opened again.

use std::collections::BTreeSet;

use super::{Claim, ClaimKey, ConflictType, Outcome, Rule, Verdict};

/// The difference between an earlier verdict and a later one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct VerdictDiff {
    /// Earlier and later outcome, when they differ.
    pub outcome: Option<(Outcome, Outcome)>,
    /// Earlier and later rule that decided, when they differ.
    pub decided_by: Option<(Option<Rule>, Option<Rule>)>,
    /// Earlier and later policy version, when they differ.
    pub policy: Option<(String, String)>,
    /// Kinds of conflict that came.
    pub types_added: BTreeSet<ConflictType>,
    /// Kinds of conflict that went.
    pub types_removed: BTreeSet<ConflictType>,
    /// Claims that now contest the deal.
    pub claims_added: BTreeSet<ClaimKey>,
    /// Claims that no longer do.
    pub claims_removed: BTreeSet<ClaimKey>,
    /// Claims that contest it as before, with other facts.
    pub claims_changed: BTreeSet<ClaimKey>,
    /// Whether a reservation or the customer's choice changed.
    pub is_account_changed: bool,
}

impl VerdictDiff {
    /// Whether people have to look again: another outcome, another kind of conflict, or other rivals.
    pub fn is_material(&self) -> bool {
        self.outcome.is_some()
            || !self.types_added.is_empty()
            || !self.types_removed.is_empty()
            || !self.claims_added.is_empty()
            || !self.claims_removed.is_empty()
    }
}

/// Compares two verdicts. When something was read does not count as a difference.
pub fn diff(earlier: &Verdict, later: &Verdict) -> VerdictDiff {
    let is_changed = |key: &&ClaimKey| facts_of(earlier, **key) != facts_of(later, **key);
    let both = earlier.contested.intersection(&later.contested);
    VerdictDiff {
        outcome: changed(earlier.outcome, later.outcome),
        decided_by: changed(earlier.decided_by(), later.decided_by()),
        policy: changed(earlier.policy.clone(), later.policy.clone()),
        types_added: &later.types - &earlier.types,
        types_removed: &earlier.types - &later.types,
        claims_added: &later.contested - &earlier.contested,
        claims_removed: &earlier.contested - &later.contested,
        claims_changed: both.filter(is_changed).copied().collect(),
        is_account_changed: account_of(earlier) != account_of(later),
    }
}

fn changed<T: PartialEq>(earlier: T, later: T) -> Option<(T, T)> {
    (earlier != later).then_some((earlier, later))
}

fn facts_of(verdict: &Verdict, key: ClaimKey) -> Option<Claim> {
    let claim = verdict.case.claim(key)?.clone();
    Some(Claim { observed_at: chrono::DateTime::UNIX_EPOCH, ..claim })
}

fn account_of(verdict: &Verdict) -> impl PartialEq {
    let facts = verdict.case.facts();
    (facts.reserved_to.map(|it| it.value), facts.customer_choice.map(|it| it.value))
}
