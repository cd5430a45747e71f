//! What an answer would change, without changing it: worked out here, or told from a deed that was taken back.

use std::collections::BTreeMap;

use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use mastering::golden_record::GoldenRecord;
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::holds::Holds;
use mastering::survivorship::{SourceFacts, resolve};

use crate::golden::records::{SaidRecord, Whole};

/// What becomes of golden records when source records are joined, or taken apart.
pub(super) struct Effect {
    /// The golden record that keeps its id.
    pub(super) kept: GoldenId,
    /// The golden record that would redirect to it; `None` when records are taken apart.
    pub(super) redirected: Option<GoldenId>,
    /// The fields that would not be served as they are.
    pub(super) changes: Vec<Change>,
    result: GoldenRecord,
}

/// A field that would change.
pub(super) struct Change {
    pub(super) field: Field,
    /// What the record that keeps its id serves now.
    pub(super) before: Option<String>,
    /// What the other one serves: now when they are joined, then when they are taken apart.
    pub(super) other: Option<String>,
}

impl Effect {
    /// Two golden records become one: the older keeps its id.
    pub(super) fn of_merge(policy: &PrecedencePolicy, kind: RecordKind, one: &Whole, other: &Whole) -> Self {
        let (kept, loser) = if one.golden <= other.golden { (one, other) } else { (other, one) };
        let (ours, theirs) = (facts(&kept.members), facts(&loser.members));
        let before = resolve(policy, kind, &ours, &kept.holds);
        let lost = resolve(policy, kind, &theirs, &loser.holds);
        // What is fixed of either is fixed of the merged record; of two pins on a field the newer one counts.
        let holds = Holds::new(kept.holds.iter().chain(loser.holds.iter()).cloned().collect());
        let result = resolve(policy, kind, &[ours, theirs].concat(), &holds);
        let changes = changes(kind, &before, &lost, |change, field| {
            change.before.as_deref() != result.text(field) || change.other.as_deref() != result.text(field)
        });
        Self { kept: kept.golden, redirected: Some(loser.golden), changes, result }
    }

    /// What a deed has made of golden records, given how they were served before; `None` when it left none of the record.
    pub(super) fn of_deed(
        kind: RecordKind,
        kept: GoldenId,
        (before, after): (&BTreeMap<GoldenId, GoldenRecord>, &BTreeMap<GoldenId, GoldenRecord>),
    ) -> Option<Self> {
        let (was, result) = (before.get(&kept)?, after.get(&kept)?.clone());
        let other = after.iter().find(|it| *it.0 != kept).map(|it| it.1);
        let text = |record: Option<&GoldenRecord>, field| record?.text(field).map(str::to_owned);
        let change = |field| Change { field, before: text(Some(was), field), other: text(other, field) };
        let is_change = |it: &Change| it.before.as_deref() != result.text(it.field);
        let changes = kind.fields().map(change).filter(is_change).collect();
        Some(Self { kept, redirected: None, changes, result })
    }

    /// What the record that keeps its id would be.
    pub(super) fn result(&self) -> &GoldenRecord {
        &self.result
    }
}

fn facts(members: &[SaidRecord]) -> Vec<SourceFacts<'_>> {
    members.iter().map(SaidRecord::facts).collect()
}

fn changes(
    kind: RecordKind,
    before: &GoldenRecord,
    other: &GoldenRecord,
    is_change: impl Fn(&Change, Field) -> bool,
) -> Vec<Change> {
    let text = |record: &GoldenRecord, field| record.text(field).map(str::to_owned);
    let change = |field| Change { field, before: text(before, field), other: text(other, field) };
    kind.fields().map(change).filter(|it| is_change(it, it.field)).collect()
}
