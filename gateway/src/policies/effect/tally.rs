//! Counting what changes, and keeping some examples: the memory this takes does not grow with the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::fields::{Field, RecordKind};
use domain::policies::DryRunChange;
use domain::sources::SourceSystem;
use mastering::golden_record::{GoldenRecord, Settlement};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::steps::Step;
use mastering::write_back;

use super::findings::{FieldChanges, Findings, RuleChanges, WriteBackCount};
use crate::golden::loader::RecordRef;
use crate::golden::service::Resettled;
use crate::policies::InForce;

/// Most examples kept of one change of one field.
const EXAMPLES_EACH: usize = 20;
/// Most examples kept.
const EXAMPLES: usize = 2_000;

/// One change, kept as an example.
#[derive(Debug, Clone)]
pub struct Example {
    /// What changes.
    pub change: DryRunChange,
    /// Of which record.
    pub record: RecordRef,
    /// Of which field.
    pub field: Field,
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
    examples: Vec<Example>,
    examples_of: BTreeMap<(DryRunChange, Field), usize>,
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
                self.note_field(it.record, field, before.settlement(field), after.settlement(field));
        }
        self.records_changed += i64::from(is_changed);
        self.note_write_backs(it);
    }

    fn note_field(
        &mut self,
        record: RecordRef,
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
        *self.rules.entry((record.kind, before.rule, after.rule)).or_default() += 1;
        self.keep(Example { change, record, field, before, after });
        true
    }

    fn note_write_backs(&mut self, it: &Resettled) {
        let sources = it.sources();
        let due_before = write_back::due(&self.before, &it.before, &sources);
        let due_after = write_back::due(&self.after, it.after(), &sources);
        let new: Vec<_> = due_after.into_iter().filter(|it| due_before.binary_search(it).is_err()).collect();
        for write in new {
            *self.write_backs.entry((write.target.system.clone(), write.field)).or_default() += 1;
            let said = sources.iter().find(|it| it.key == write.target);
            let said = said.and_then(|it| it.states.get(write.field)).and_then(|it| it.value.clone());
            let source = Some(write.target.to_string());
            let before = Side { value: said, source: source.clone(), rule: None };
            let after = Side { value: write.value.map(str::to_owned), source, rule: None };
            let (record, field) = (it.record, write.field);
            self.keep(Example { change: DryRunChange::WriteBack, record, field, before, after });
        }
    }

    fn keep(&mut self, example: Example) {
        let kept = self.examples_of.entry((example.change, example.field)).or_default();
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
        let findings = Findings {
            records: self.records,
            records_changed: self.records_changed,
            fields: fields.collect(),
            rules: rules.collect(),
            write_backs: write_backs.collect(),
            ..Findings::default()
        };
        (findings, self.examples)
    }
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
