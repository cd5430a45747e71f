//! Verdicts: the rules asked in order, with a trace, in a form that replays to the same bytes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::freshness::are_fresh;
use super::overlap::{AccountMatch, overlap};
use super::rules::{Opinion, Question};
use super::{Case, Claim, ClaimKey, ConflictPolicy, ConflictType, Party, Reason, Rule, conflict_types};
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
    /// The claims that contest the deal: the one that asks, and all that overlap it.
    pub contested: BTreeSet<ClaimKey>,
    /// What kinds of conflict it is.
    pub types: BTreeSet<ConflictType>,
    /// What each rule said, in the order in which they were asked.
    pub trace: Vec<TraceStep>,
    /// What came out.
    pub outcome: Outcome,
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

/// Judges a case: asks the rules in order until the claims of one side are left.
pub fn judge(policy: &ConflictPolicy, case: Case) -> Verdict {
    let types = conflict_types(policy, &case);
    let facts = case.facts();
    let (contested, is_certain) = contested(policy, &case);
    let (trace, decided) = match is_certain {
        true => ask(policy, &case, contested.clone()),
        false => (vec![TraceStep::manual(Rule::Manual, Reason::PossiblySameAccount)], Outcome::Manual),
    };
    let is_fresh = are_fresh(&facts.sources, facts.evaluated_at, policy.freshness());
    Verdict {
        contested: contested.iter().map(|it| it.key()).collect(),
        outcome: if is_fresh { decided } else { Outcome::Provisional },
        policy: policy.version().to_owned(),
        case,
        types,
        trace,
    }
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

impl Verdict {
    /// The one form that is stored and compared: fields in order of declaration, lists sorted, no blanks.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("codes, ids, instants and texts always serialise")
    }

    /// The rule that settled it, unless nobody contested.
    pub fn decided_by(&self) -> Option<Rule> {
        self.trace.last().map(|it| it.rule)
    }

    /// What the verdict says about one of its claims; `None` for a claim that does not contest the deal.
    pub fn finding(&self, claim: ClaimKey) -> Option<ClaimFinding> {
        self.contested.get(&claim)?;
        Some(match self.outcome {
            Outcome::Clear => ClaimFinding::Clear,
            Outcome::Coexist => ClaimFinding::Shared,
            Outcome::Manual => ClaimFinding::Manual,
            Outcome::Provisional => ClaimFinding::Provisional,
            Outcome::Upheld { .. } if self.removal(claim).is_some() => ClaimFinding::Lost,
            Outcome::Upheld { .. } => ClaimFinding::Upheld,
        })
    }

    /// Where and why a claim was removed.
    pub fn removal(&self, claim: ClaimKey) -> Option<(&TraceStep, Removed)> {
        self.trace.iter().find_map(|step| Some((step, *step.removed.iter().find(|it| it.claim == claim)?)))
    }
}

impl TraceStep {
    fn manual(rule: Rule, reason: Reason) -> Self {
        Self { rule, answer: RuleAnswer::Manual, reason, removed: Vec::new() }
    }
}

/// The claim that asks with all that overlap it, and whether it is certain that they are about one account.
fn contested<'a>(policy: &ConflictPolicy, case: &'a Case) -> (Vec<&'a Claim>, bool) {
    let subject = case.subject();
    let mut is_certain = subject.account.possible.is_empty();
    let meets = |it: &&Claim| match overlap(subject, it, policy.has_family_scope()) {
        Some(AccountMatch::Possible) => {
            is_certain = false;
            true
        }
        found => found.is_some() || it.key() == subject.key(),
    };
    let claims = case.facts().claims.iter().filter(meets).collect();
    (claims, is_certain)
}

fn ask(policy: &ConflictPolicy, case: &Case, contested: Vec<&Claim>) -> (Vec<TraceStep>, Outcome) {
    let mut trace = Vec::new();
    let is_alone = sides(&contested).len() == 1;
    let mut standing = contested;
    for &rule in policy.rules() {
        if is_alone && rule == Rule::Manual {
            break; // a single claim that no rule objected to
        }
        match rule.ask(&Question { policy, case, standing: &standing }) {
            Opinion::Manual(reason) => {
                trace.push(TraceStep::manual(rule, reason));
                return (trace, Outcome::Manual);
            }
            Opinion::None(reason) => {
                trace.push(TraceStep { rule, answer: RuleAnswer::NoOpinion, reason, removed: Vec::new() });
            }
            Opinion::Keep(kept, reason) => {
                let (keep, drop): (Vec<&Claim>, _) =
                    standing.into_iter().partition(|it| kept.contains(&it.key()));
                let code = rule.reject_code(case);
                let removed = drop.iter().map(|it: &&Claim| Removed { claim: it.key(), code }).collect();
                trace.push(TraceStep { rule, answer: RuleAnswer::Kept, reason, removed });
                standing = keep;
                if sides(&standing).len() == 1 {
                    break;
                }
            }
        }
    }
    conclude(trace, &standing, is_alone)
}

/// What it means that the claims of one side are left.
fn conclude(mut trace: Vec<TraceStep>, standing: &[&Claim], is_alone: bool) -> (Vec<TraceStep>, Outcome) {
    let parties: BTreeSet<Party> = standing.iter().map(|it| it.party()).collect();
    if parties.len() > 2 {
        trace.push(TraceStep::manual(Rule::Manual, Reason::SeveralResellers));
        return (trace, Outcome::Manual);
    }
    let outcome = match (is_alone, parties.len()) {
        (true, 1) => Outcome::Clear,
        (true, _) => Outcome::Coexist,
        (false, _) => Outcome::Upheld { winner: foremost(standing) },
    };
    (trace, outcome)
}

/// Who stands against whom: a partner stands with its distributor when that claims too.
fn sides(claims: &[&Claim]) -> BTreeSet<Party> {
    let parties: BTreeSet<Party> = claims.iter().map(|it| it.party()).collect();
    let side = |it: &&Claim| {
        let distributor = it.distributor().map(Party::Partner).filter(|it| parties.contains(it));
        distributor.unwrap_or_else(|| it.party())
    };
    claims.iter().map(side).collect()
}

/// The claim that stands for its side: the earliest bid, or the first by name.
fn foremost(side: &[&Claim]) -> ClaimKey {
    let rank = |it: &&Claim| (it.bid().is_none(), it.bid().map(|bid| bid.priority), it.key());
    let first = side.iter().copied().min_by_key(rank);
    first.expect("a rule keeps at least one claim").key()
}
