//! A stored task as the rules of its life see it.

use domain::review::{Claim, Standing, Vote};
use entity::review::review_event;
use entity::review::review_task::Model;

use super::store;

/// A task with what was decided since its question was last asked.
pub(super) struct Task {
    pub(super) row: Model,
    votes: Vec<review_event::Model>,
}

impl Task {
    /// A row with all that happened to it.
    pub(super) fn new(row: Model, events: &[review_event::Model]) -> Self {
        Self { row, votes: store::counting(events).to_vec() }
    }

    /// Asks the rules about it.
    pub(super) fn standing<R>(&self, ask: impl FnOnce(Standing<'_>) -> R) -> R {
        let votes = self.votes.iter();
        let votes: Vec<Vote<'_>> = votes
            .filter_map(|it| Some(Vote { by: it.subject.as_deref()?, decision: it.decision? }))
            .collect();
        ask(Standing { votes: &votes, ..standing(&self.row) })
    }
}

/// Where a task stands, as far as its row tells: without what people have decided.
pub(super) fn standing(row: &Model) -> Standing<'_> {
    Standing {
        kind: row.kind,
        state: row.state,
        claim: row.claimed_by.as_deref().zip(row.claimed_until).map(|(by, until)| Claim { by, until }),
        requested_by: row.requested_by.as_deref(),
        deciders: row.deciders.and_then(|it| usize::try_from(it).ok()).unwrap_or(1),
        votes: &[],
    }
}
