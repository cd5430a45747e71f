//! Counting what changes, and keeping some examples: the memory this takes does not grow with the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use domain::policies::DryRunChange;
use domain::review::ReviewKind;
use domain::sources::SourceSystem;
use mastering::golden_record::{GoldenRecord, Settlement};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::steps::Step;

use super::findings::{FieldChanges, Findings, KindCount, RuleChanges, TaskCount, WriteBackCount};
use crate::golden::loader::RecordRef;
use crate::golden::service::Resettled;
use crate::policies::InForce;
use crate::review::foresight::QueueChange;

/// Most examples kept of one change of one field.
const EXAMPLES_EACH: usize = 20;
/// Most examples kept.
const EXAMPLES: usize = 2_000;

/// One change, kept as an example.
#[derive(Debug, Clone)]
pub struct Example {
    /// What changes.
    pub change: DryRunChange,
    /// Of which record; none for one that does not exist yet.
    pub record: Option<RecordRef>,
    /// Of which kind.
    pub kind: RecordKind,
    /// Of which field, where a field changes.
    pub field: Option<Field>,
    /// The survivor of a merge, or what comes out of a split, where it exists already.
    pub other: Option<GoldenId>,
    /// As it is.
    pub before: Side,
    /// As it would be.
    pub after: Side,
}

/// How a field is served, before or after.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// The value.
    pub value: Option<String>,
    /// The source record that it comes from.
    pub source: Option<String>,
    /// The rule that decides.
    pub rule: Option<Step>,
}

/// Counts so far.
pub(super) struct Tally {
    before: Arc<PrecedencePolicy>,
    after: Arc<PrecedencePolicy>,
    records: i64,
    records_changed: i64,
    /// Values, and reasons alone.
    fields: BTreeMap<Field, (i64, i64)>,
    rules: BTreeMap<(RecordKind, Option<Step>, Option<Step>), i64>,
    write_backs: BTreeMap<(SourceSystem, Field), i64>,
    merges: BTreeMap<RecordKind, i64>,
    splits: BTreeMap<RecordKind, i64>,
    /// Raised, and closed.
    tasks: BTreeMap<ReviewKind, (i64, i64)>,
    leads_relinked: i64,
    examples: Vec<Example>,
    examples_of: BTreeMap<(DryRunChange, RecordKind, Option<Field>), usize>,
}

impl Tally {
    pub(super) fn new(before: &InForce, after: &InForce) -> Self {
        Self {
            before: Arc::clone(&before.precedence),
            after: Arc::clone(&after.precedence),
            records: 0,
            records_changed: 0,
            fields: BTreeMap::new(),
            rules: BTreeMap::new(),
            write_backs: BTreeMap::new(),
            merges: BTreeMap::new(),
            splits: BTreeMap::new(),
            tasks: BTreeMap::new(),
            leads_relinked: 0,
            examples: Vec::new(),
            examples_of: BTreeMap::new(),
        }
    }

    pub(super) fn records(&self) -> u64 {
        self.records.unsigned_abs()
    }

    /// Counts what changes of one record.
    pub(super) fn note(&mut self, it: &Resettled) {
        self.records += 1;
        let (before, after) = (&it.before, it.after());
        let mut is_changed = false;
        for field in fields(before, after) {
            is_changed |=
                self.note_field(it.known_record(), field, before.settlement(field), after.settlement(field));
        }
        self.records_changed += i64::from(is_changed);
        self.note_write_backs(it);
    }

    fn note_field(
        &mut self,
        record: Option<RecordRef>,
        field: Field,
        before: Option<&Settlement>,
        after: Option<&Settlement>,
    ) -> bool {
        let (before, after) = (Side::of(before), Side::of(after));
        let counts = self.fields.entry(field).or_default();
        let change = if before.value != after.value {
            counts.0 += 1;
            DryRunChange::Value
        } else if (&before.source, before.rule) != (&after.source, after.rule) {
            counts.1 += 1;
            DryRunChange::Reason
        } else {
            return false;
        };
        *self.rules.entry((field.record(), before.rule, after.rule)).or_default() += 1;
        self.keep(Example { before, after, ..Example::of_field(change, record, field) });
        true
    }

    fn note_write_backs(&mut self, it: &Resettled) {
        let due_after = it.due_after(&self.after);
        if due_after.is_empty() {
            return;
        }
        let due_before = it.due_before(&self.before);
        let new: Vec<_> = due_after.into_iter().filter(|it| due_before.binary_search(it).is_err()).collect();
        for write in new {
            *self.write_backs.entry((write.target.system.clone(), write.field)).or_default() += 1;
            let source = Some(write.target.to_string());
            let before =
                Side { value: it.said(write.target, write.field), source: source.clone(), rule: None };
            let after = Side { value: write.value.map(str::to_owned), source, rule: None };
            let change = Example::of_field(DryRunChange::WriteBack, it.known_record(), write.field);
            self.keep(Example { before, after, ..change });
        }
    }

    /// Counts golden records that become one.
    pub(super) fn note_merge(&mut self, kind: RecordKind, (loser, survivor): (GoldenId, GoldenId)) {
        *self.merges.entry(kind).or_default() += 1;
        let (record, other) = (Some(RecordRef { kind, id: loser }), Some(survivor));
        self.keep(Example { record, other, ..Example::of_kind(DryRunChange::Merge, kind) });
    }

    /// Counts a golden record that loses members to another one.
    pub(super) fn note_split(&mut self, kind: RecordKind, from: GoldenId) {
        *self.splits.entry(kind).or_default() += 1;
        let record = Some(RecordRef { kind, id: from });
        self.keep(Example { record, ..Example::of_kind(DryRunChange::Split, kind) });
    }

    /// Counts questions that are asked, or that nobody has to answer any more.
    pub(super) fn note_tasks(&mut self, task: ReviewKind, change: QueueChange) {
        let counts = self.tasks.entry(task).or_default();
        counts.0 += i64::try_from(change.raised).unwrap_or(i64::MAX);
        counts.1 += i64::try_from(change.closed).unwrap_or(i64::MAX);
    }

    /// Counts leads that belong to another account.
    pub(super) fn note_leads(&mut self, relinked: usize) {
        self.leads_relinked += i64::try_from(relinked).unwrap_or(i64::MAX);
    }

    /// Says how many records were looked at, where not each of them is noted.
    pub(super) fn looked_at(&mut self, records: u64) {
        self.records = i64::try_from(records).unwrap_or(i64::MAX);
    }

    fn keep(&mut self, example: Example) {
        let place = (example.change, example.kind, example.field);
        let kept = self.examples_of.entry(place).or_default();
        if *kept < EXAMPLES_EACH && self.examples.len() < EXAMPLES {
            *kept += 1;
            self.examples.push(example);
        }
    }

    pub(super) fn finish(self) -> (Findings, Vec<Example>) {
        let fields = self.fields.into_iter().filter(|(_, counts)| *counts != (0, 0));
        let fields = fields.map(|(field, (values, reasons))| FieldChanges {
            kind: field.record(),
            field: field.name().to_owned(),
            values,
            reasons,
        });
        let rules = self.rules.into_iter();
        let rules = rules.map(|((kind, before, after), count)| RuleChanges { kind, before, after, count });
        let write_backs = self.write_backs.into_iter().map(|((system, field), count)| WriteBackCount {
            system: system.into(),
            kind: field.record(),
            field: field.name().to_owned(),
            count,
        });
        let tasks = self.tasks.into_iter().filter(|(_, counts)| *counts != (0, 0));
        let tasks = tasks.map(|(task, (raised, closed))| TaskCount { task, raised, closed });
        let findings = Findings {
            records: self.records,
            records_changed: self.records_changed,
            fields: fields.collect(),
            rules: rules.collect(),
            write_backs: write_backs.collect(),
            merges: counted(self.merges),
            splits: counted(self.splits),
            tasks: tasks.collect(),
            leads_relinked: self.leads_relinked,
            verdicts: None,
            rankings: None,
        };
        (findings, self.examples)
    }
}

impl Example {
    fn of_kind(change: DryRunChange, kind: RecordKind) -> Self {
        let (before, after) = (Side::default(), Side::default());
        Self { change, record: None, kind, field: None, other: None, before, after }
    }

    fn of_field(change: DryRunChange, record: Option<RecordRef>, field: Field) -> Self {
        Self { record, field: Some(field), ..Self::of_kind(change, field.record()) }
    }
}

fn counted(counts: BTreeMap<RecordKind, i64>) -> Vec<KindCount> {
    counts.into_iter().map(|(kind, count)| KindCount { kind, count }).collect()
}

impl Side {
    fn of(settlement: Option<&Settlement>) -> Self {
        let Some(it) = settlement else { return Self::default() };
        Self { value: it.value.clone(), source: it.source().map(ToString::to_string), rule: Some(it.step) }
    }
}

/// Fields that are settled before or after.
fn fields(before: &GoldenRecord, after: &GoldenRecord) -> BTreeSet<Field> {
    before.settlements().chain(after.settlements()).map(|(field, _)| field).collect()
}
