//! What a draft of the conflict policy would change about verdicts that were given, without changing any.

use std::collections::BTreeMap;

use super::{ClaimKey, ConflictPolicy, OutcomeKind, Verdict, VerdictDiff, diff, judge};

/// The difference that a draft would make.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ConflictDryRun {
    /// How many verdicts were judged again.
    pub judged: usize,
    /// How many went from which outcome to which, those that stay included.
    pub shifts: Vec<OutcomeShift>,
    /// The claims whose verdict would change, with the difference, by their names.
    pub changed: Vec<(ClaimKey, VerdictDiff)>,
}

/// How many verdicts went from one outcome to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OutcomeShift {
    /// The outcome that was given.
    pub before: OutcomeKind,
    /// The outcome under the draft.
    pub after: OutcomeKind,
    /// How many.
    pub count: usize,
}

/// Judges the facts of stored verdicts under a draft. Activating the draft gives exactly these verdicts, because
/// both ask the same rules about the same facts.
pub fn dry_run<'a>(draft: &ConflictPolicy, stored: impl IntoIterator<Item = &'a Verdict>) -> ConflictDryRun {
    let mut counts: BTreeMap<(OutcomeKind, OutcomeKind), usize> = BTreeMap::new();
    let mut changed = Vec::new();
    for earlier in stored {
        let later = judge(draft, earlier.case.clone());
        let diff = diff(earlier, &later);
        *counts.entry((earlier.outcome.kind(), later.outcome.kind())).or_default() += 1;
        if diff.is_material() {
            changed.push((earlier.case.facts().subject, diff));
        }
    }
    changed.sort_by_key(|(claim, _)| *claim);
    let shifts = counts.iter().map(|((before, after), count)| OutcomeShift {
        before: *before,
        after: *after,
        count: *count,
    });
    ConflictDryRun { judged: counts.values().sum(), shifts: shifts.collect(), changed }
}

#[cfg(test)]
mod tests {
    use super::super::given::{P1, P2, facts, judged, registration};
    use super::*;
    use crate::conflicts::Outcome;

    #[test]
    fn a_tie_window_changes_the_verdicts_of_close_submissions_only() {
        let (early, close) = (registration(P2, "04-06 10:00"), registration(P1, "04-06 10:08"));
        let late = registration(P1, "04-06 10:20");
        let stored =
            [judged(facts(&[early.clone(), close.clone()])), judged(facts(&[early.clone(), late.clone()]))];
        let text = include_str!("../../policies/conflict.toml");
        let draft = text.replace("tie_window_minutes = 0", "tie_window_minutes = 15");
        let run = dry_run(&ConflictPolicy::parse(&draft).unwrap(), &stored);
        assert_eq!((run.judged, run.changed.len()), (2, 1));
        let stay = OutcomeShift { before: OutcomeKind::Upheld, after: OutcomeKind::Upheld, count: 2 };
        assert_eq!(run.shifts, [stay]);
        assert!(serde_json::to_string(&run).is_ok());
        let winners = (Outcome::Upheld { winner: early.key() }, Outcome::Upheld { winner: close.key() });
        assert_eq!(run.changed[0].1.outcome, Some(winners));
    }

    #[test]
    fn the_policy_in_force_changes_nothing() {
        let stored = [judged(facts(&[registration(P1, "04-06"), registration(P2, "04-07")]))];
        let run = dry_run(&ConflictPolicy::default(), &stored);
        assert!(run.changed.is_empty());
    }
}
