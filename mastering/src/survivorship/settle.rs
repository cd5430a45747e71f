//! The narrowing loop: each step keeps its best competitors and notes whom it dropped.

use super::competitor::Competitor;
use super::steps::Step;
use crate::policy::Rule;

/// Who won a unit, what decided, and where each other lost.
pub(super) struct Outcome<'a> {
    pub(super) winner: &'a Competitor<'a>,
    pub(super) step: Step,
    pub(super) lost: Vec<(&'a Competitor<'a>, Step)>,
}

/// Settles one unit. `None` when nobody has a value that may win.
pub(super) fn settle<'a>(rule: &Rule, competitors: &'a [Competitor<'a>]) -> Option<Outcome<'a>> {
    let (mut standing, silent): (Vec<_>, Vec<_>) = competitors.iter().partition(|it| it.competes);
    let mut lost: Vec<_> = silent.into_iter().map(|it| (it, Step::NullIgnored)).collect();
    let mut deciding = Step::OnlySource;
    for step in rule.steps() {
        if standing.len() < 2 {
            break;
        }
        let best = standing.iter().map(|it| step.rank(it)).min()?;
        let (kept, dropped): (Vec<_>, Vec<_>) = standing.into_iter().partition(|it| step.rank(it) == best);
        if !dropped.is_empty() {
            deciding = step;
        }
        standing = kept;
        lost.extend(dropped.into_iter().map(|loser| (loser, step)));
    }
    lost.sort_by_key(|(loser, _)| loser.place);
    // The steps always end in the source key, so one is left.
    Some(Outcome { winner: standing.first()?, step: deciding, lost })
}
