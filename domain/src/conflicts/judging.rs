//! Judging: the rules asked in order, round by round, until the claim that asks has its answer.
//!
//! Every claim of a case is judged among the same rivals, whoever asks, so that of two overlapping claims never
//! both go first. A claim that lost only because others were judged with it, and does not overlap the winner,
//! comes up again in the next round.

use std::collections::BTreeSet;

use super::detection::attributed;
use super::freshness::are_fresh;
use super::overlap::{AccountMatch, overlap};
use super::rules::{Opinion, Question};
use super::{
    Case, Claim, ClaimKey, ConflictPolicy, Outcome, Party, Reason, Removed, Rule, RuleAnswer, TraceStep,
    Verdict, conflict_types,
};

/// Judges a case: asks the rules in order until the claims of one side are left.
pub fn judge(policy: &ConflictPolicy, case: Case) -> Verdict {
    let types = conflict_types(policy, &case);
    let facts = case.facts();
    let bench = Bench { policy, case: &case };
    let all: Vec<&Claim> = facts.claims.iter().collect();
    let mut contested = bench.connected(&all);
    let attributed: Vec<&Claim> = attributed(&case).collect();
    let (trace, decided) = match (attributed.is_empty(), bench.are_certain(&contested)) {
        (true, true) => bench.rounds(contested.clone()),
        (true, false) => for_a_person(Reason::PossiblySameAccount),
        (false, _) => for_a_person(Reason::SeveralSources),
    };
    contested.extend(attributed);
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

/// What no rule decides.
fn for_a_person(reason: Reason) -> (Vec<TraceStep>, Outcome) {
    (vec![TraceStep::manual(Rule::Manual, reason)], Outcome::Manual)
}

struct Bench<'a> {
    policy: &'a ConflictPolicy,
    case: &'a Case,
}

/// What one round left.
struct Round<'a> {
    trace: Vec<TraceStep>,
    outcome: Outcome,
    /// Claims that neither stand nor overlap what stands.
    released: Vec<&'a Claim>,
}

impl<'a> Bench<'a> {
    /// The claim that asks, all that surely overlap it, and all that overlap those, among some claims.
    fn connected(&self, among: &[&'a Claim]) -> Vec<&'a Claim> {
        let subject = self.case.subject();
        let mut found = BTreeSet::from([subject.key()]);
        let mut at_hand = vec![subject];
        while let Some(claim) = at_hand.pop() {
            let next =
                among.iter().copied().filter(|it| self.overlap(claim, it) > Some(AccountMatch::Possible));
            at_hand.extend(next.filter(|it| found.insert(it.key())));
        }
        among.iter().copied().filter(|it| found.contains(&it.key())).collect()
    }

    /// Whether it is certain that exactly these claims are about one account.
    fn are_certain(&self, contested: &[&Claim]) -> bool {
        let may_be_more = |claim: &&Claim| {
            let others = self.case.facts().claims.iter();
            others.map(|it| self.overlap(claim, it)).any(|it| it == Some(AccountMatch::Possible))
        };
        self.case.subject().account.possible.is_empty() && !contested.iter().any(may_be_more)
    }

    fn overlap(&self, one: &Claim, other: &Claim) -> Option<AccountMatch> {
        overlap(one, other, self.policy.has_family_scope())
    }

    fn rounds(&self, contested: Vec<&'a Claim>) -> (Vec<TraceStep>, Outcome) {
        let subject = self.case.facts().subject;
        let mut trace = Vec::new();
        let mut claims = contested;
        loop {
            let round = self.round(claims);
            trace.extend(round.trace);
            if !round.released.iter().any(|it| it.key() == subject) {
                return (trace, round.outcome);
            }
            claims = self.connected(&round.released);
        }
    }

    /// Asks the rules about some claims until those of one side are left.
    fn round(&self, claims: Vec<&'a Claim>) -> Round<'a> {
        let sides = Sides::of(&claims);
        let is_alone = sides.count(&claims) == 1;
        let mut trace = Vec::new();
        let mut standing = claims.clone();
        for &rule in self.policy.rules() {
            if is_alone && rule == Rule::Manual {
                break; // one side, and no rule objected
            }
            let answered = self.ask(rule, &mut standing);
            let answer = answered.answer;
            trace.push(answered);
            match answer {
                RuleAnswer::Manual => return Round { trace, outcome: Outcome::Manual, released: Vec::new() },
                RuleAnswer::Kept if sides.count(&standing) == 1 => break,
                RuleAnswer::Kept | RuleAnswer::NoOpinion => {}
            }
        }
        self.conclude(trace, &claims, &standing, &sides)
    }

    /// Asks one rule, and leaves standing what it keeps.
    fn ask(&self, rule: Rule, standing: &mut Vec<&'a Claim>) -> TraceStep {
        match rule.ask(&Question { policy: self.policy, case: self.case, standing }) {
            Opinion::Manual(reason) => TraceStep::manual(rule, reason),
            Opinion::None(reason) => {
                TraceStep { rule, answer: RuleAnswer::NoOpinion, reason, removed: Vec::new() }
            }
            Opinion::Keep(kept, reason) => {
                let code = rule.reject_code(self.case);
                let dropped = standing.extract_if(.., |it| !kept.contains(&it.key()));
                let removed = dropped.map(|it| Removed { claim: it.key(), code }).collect();
                TraceStep { rule, answer: RuleAnswer::Kept, reason, removed }
            }
        }
    }

    /// What it means that the claims of one side are left: it stands with all of its claims, what overlaps it has
    /// lost, and the rest is free again.
    fn conclude(
        &self,
        mut trace: Vec<TraceStep>,
        claims: &[&'a Claim],
        standing: &[&'a Claim],
        sides: &Sides,
    ) -> Round<'a> {
        let winner = foremost(standing);
        let (side, others): (Vec<&Claim>, Vec<&Claim>) =
            claims.iter().copied().partition(|it| sides.side(it) == sides.side(winner));
        let parties: BTreeSet<Party> = side.iter().map(|it| it.party()).collect();
        if parties.len() > 2 {
            trace.push(TraceStep::manual(Rule::Manual, Reason::SeveralResellers));
            return Round { trace, outcome: Outcome::Manual, released: Vec::new() };
        }
        let (lost, released): (Vec<&Claim>, Vec<&Claim>) = others
            .iter()
            .copied()
            .partition(|it| side.iter().any(|of_side| self.overlap(of_side, it).is_some()));
        let lost: BTreeSet<ClaimKey> = lost.iter().map(|it| it.key()).collect();
        for step in &mut trace {
            step.removed.retain(|it| lost.contains(&it.claim));
        }
        let outcome = match (others.is_empty(), parties.len()) {
            (true, 1) => Outcome::Clear,
            (true, _) => Outcome::Coexist,
            (false, _) => Outcome::Upheld { winner: winner.key() },
        };
        Round { trace, outcome, released }
    }
}

/// Who stands against whom: a partner stands with its distributor when that claims too.
struct Sides(BTreeSet<Party>);

impl Sides {
    fn of(claims: &[&Claim]) -> Self {
        Self(claims.iter().map(|it| it.party()).collect())
    }

    fn side(&self, claim: &Claim) -> Party {
        let distributor = claim.distributor().map(Party::Partner).filter(|it| self.0.contains(it));
        distributor.unwrap_or_else(|| claim.party())
    }

    fn count(&self, claims: &[&Claim]) -> usize {
        claims.iter().map(|it| self.side(it)).collect::<BTreeSet<_>>().len()
    }
}

/// The claim that stands for its side: the earliest bid, or the first by name.
fn foremost<'a>(side: &[&'a Claim]) -> &'a Claim {
    let rank = |it: &&Claim| (it.bid().is_none(), it.bid().map(|bid| bid.priority), it.key());
    side.iter().copied().min_by_key(rank).expect("a rule keeps at least one claim")
}
