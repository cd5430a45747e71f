//! Verdicts: what the rules said, with a trace, in a form that replays to the same bytes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Case, ClaimKey, ConflictPolicy, ConflictType, Reason, Rule, judge};
use crate::registrations::{ClaimFinding, RejectCode};

/// What the rules say of a case. Its canonical JSON holds everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Verdict {
    /// The policy version that decided.
    pub policy: String,
    /// The facts.
    pub case: Case,
    /// The claims that contest the deal: the one that asks, all that overlap it, and all that overlap those.
    pub contested: BTreeSet<ClaimKey>,
    /// What kinds of conflict it is.
    pub types: BTreeSet<ConflictType>,
    /// What each rule said, in the order in which they were asked.
    pub trace: Vec<TraceStep>,
    /// What came out.
    pub outcome: Outcome,
}

crate::codes! {
    /// How a verdict ends, by the rules or by a person.
    pub enum OutcomeKind {
        Clear("問題なし", "Clear"),
        Upheld("優先権あり", "Upheld"),
        Split("按分", "Split"),
        Coexist("併存可", "Coexist"),
        Manual("個別判断", "Manual"),
        Provisional("暫定", "Provisional"),
    }
}

/// What came out of the rules. A split is never the rules' own (`Resolution`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// 問題なし: nobody else claims it.
    Clear,
    /// 優先権あり: one claim goes first.
    Upheld {
        /// Which.
        winner: ClaimKey,
    },
    /// 併存可: a distributor and its reseller share one protection.
    Coexist,
    /// 個別判断: a person decides.
    Manual,
    /// 暫定: the CRM could not be asked; nothing is approved before it was.
    Provisional,
}

/// What one rule said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceStep {
    /// The rule.
    pub rule: Rule,
    /// Its answer.
    pub answer: RuleAnswer,
    /// What it found, with a label in both languages.
    pub reason: Reason,
    /// The claims that it removed.
    pub removed: Vec<Removed>,
}

crate::codes! {
    /// How a rule answered.
    pub enum RuleAnswer {
        Kept("選別", "Kept some claims"),
        NoOpinion("該当なし", "No opinion"),
        Manual("個別判断", "Asked for a person"),
    }
}

/// A claim that a rule removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// Which.
    pub claim: ClaimKey,
    /// What its partner is told.
    pub code: RejectCode,
}

/// Why a verdict could not be replayed.
#[derive(Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ReplayRefusal {
    /// Not the canonical JSON of a verdict.
    #[error("this is no verdict; pass the canonical JSON as it was stored")]
    VerdictUnreadable(#[source] serde_json::Error),
    /// Another policy version.
    #[error("the verdict was given under policy `{stored}`; replay it under that version, not `{given}`")]
    VerdictOfOtherPolicy {
        /// The one that decided.
        stored: String,
        /// The one at hand.
        given: String,
    },
}

/// Judges a stored verdict's facts again; the answer differs from the stored one only if something is broken.
pub fn replay(canonical_json: &str, policy: &ConflictPolicy) -> Result<Verdict, ReplayRefusal> {
    let stored: Verdict = serde_json::from_str(canonical_json).map_err(ReplayRefusal::VerdictUnreadable)?;
    match stored.policy == policy.version() {
        true => Ok(judge(policy, stored.case)),
        false => {
            let given = policy.version().to_owned();
            Err(ReplayRefusal::VerdictOfOtherPolicy { stored: stored.policy, given })
        }
    }
}

impl Outcome {
    /// The code, with its labels.
    pub fn kind(self) -> OutcomeKind {
        match self {
            Self::Clear => OutcomeKind::Clear,
            Self::Upheld { .. } => OutcomeKind::Upheld,
            Self::Coexist => OutcomeKind::Coexist,
            Self::Manual => OutcomeKind::Manual,
            Self::Provisional => OutcomeKind::Provisional,
        }
    }
}

impl Verdict {
    /// The one form that is stored and compared: fields in order of declaration, lists sorted, no blanks.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("codes, ids, instants and texts always serialise")
    }

    /// The rule that settled it, unless nobody contested.
    pub fn decided_by(&self) -> Option<Rule> {
        self.trace.last().map(|it| it.rule)
    }

    /// What the verdict says about the claim that asks, and about those that lost or won against it. `None` for any
    /// other claim: it has a verdict of its own.
    pub fn finding(&self, claim: ClaimKey) -> Option<ClaimFinding> {
        self.contested.get(&claim)?;
        let is_asking = claim == self.case.facts().subject;
        match self.outcome {
            Outcome::Manual => Some(ClaimFinding::Manual),
            Outcome::Provisional => Some(ClaimFinding::Provisional),
            _ if self.removal(claim).is_some() => Some(ClaimFinding::Lost),
            Outcome::Coexist => Some(ClaimFinding::Shared),
            Outcome::Clear => is_asking.then_some(ClaimFinding::Clear),
            Outcome::Upheld { winner } => (is_asking || claim == winner).then_some(ClaimFinding::Upheld),
        }
    }

    /// Where and why a claim was removed.
    pub fn removal(&self, claim: ClaimKey) -> Option<(&TraceStep, Removed)> {
        self.trace.iter().find_map(|step| Some((step, *step.removed.iter().find(|it| it.claim == claim)?)))
    }
}

impl TraceStep {
    /// A rule that asked for a person.
    pub(super) fn manual(rule: Rule, reason: Reason) -> Self {
        Self { rule, answer: RuleAnswer::Manual, reason, removed: Vec::new() }
    }
}
