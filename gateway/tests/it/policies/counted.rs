//! What differs between two states of a store, counted from what is stored alone: links, traces, tasks.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::{Field, RecordKind};
use domain::ids::{GoldenId, SourceRecordId};
use domain::policies::DryRunChange;
use domain::review::{ReviewKind, ReviewState};
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::LinkState;
use entity::golden::{lead_account, record_link, settlement, source_record};
use entity::policies::dry_run_example;
use entity::review::review_task;
use gateway::policies::Findings;
use gateway::policies::effect::{FieldChanges, KindCount, RuleChanges, TaskCount, WriteBackCount};
use mastering::golden_record::{GoldenRecord, Settlement};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::SourceFacts;
use mastering::survivorship::field_states::FieldStates;
use mastering::write_back;
use sea_orm::{ColumnTrait as _, DatabaseConnection, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

/// A store at one moment.
pub struct State {
    pub records: BTreeMap<GoldenId, GoldenRecord>,
    members: BTreeMap<GoldenId, Vec<Member>>,
    waiting: BTreeMap<String, ReviewKind>,
    /// The account that the company of each lead leads to.
    employers: BTreeMap<GoldenId, GoldenId>,
}

struct Member {
    id: SourceRecordId,
    key: SourceKey,
    states: FieldStates,
    is_live: bool,
}

impl Member {
    fn facts(&self) -> SourceFacts<'_> {
        SourceFacts { key: &self.key, states: &self.states, is_live: self.is_live }
    }

    fn is_grouped(&self) -> bool {
        self.is_live
            && !(self.key.system == SourceSystem::own() && self.key.external_id.parse::<Uuid>().is_ok())
    }
}

impl State {
    pub async fn of(db: &DatabaseConnection) -> Self {
        let traces = settlement::Entity::find().all(db).await.unwrap();
        let trace =
            |it: settlement::Model| (it.golden_id, GoldenRecord::from_trace(it.kind, &it.trace).unwrap());
        let waiting = review_task::Column::State.is_in(ReviewState::WAITING);
        let tasks = review_task::Entity::find().filter(waiting).all(db).await.unwrap();
        let employers = lead_account::Entity::find().filter(lead_account::Column::Until.is_null());
        let employers = employers.all(db).await.unwrap();
        Self {
            records: traces.into_iter().map(trace).collect(),
            members: members(db).await,
            waiting: tasks.into_iter().map(|it| (it.fingerprint, it.kind)).collect(),
            employers: employers.into_iter().map(|it| (it.lead_id, it.account_id)).collect(),
        }
    }

    fn settlement(&self, golden: GoldenId, field: Field) -> Option<&Settlement> {
        self.records.get(&golden)?.settlement(field)
    }

    fn is_alive(&self, golden: GoldenId) -> bool {
        self.members.get(&golden).is_some_and(|it| it.iter().any(|it| it.is_live))
    }

    /// Golden records that are served, although nothing tells why.
    pub fn alive_without_trace(&self) -> Vec<GoldenId> {
        let traceless = self.members.keys().filter(|it| !self.records.contains_key(it));
        traceless.filter(|it| self.is_alive(**it)).copied().collect()
    }

    /// The golden record of each source record that is grouped.
    fn golden_of(&self) -> BTreeMap<SourceRecordId, GoldenId> {
        let members = self.members.iter();
        let grouped = members.flat_map(|(golden, it)| it.iter().map(move |it| (golden, it)));
        grouped.filter(|(_, it)| it.is_grouped()).map(|(golden, it)| (it.id, *golden)).collect()
    }

    fn due(&self, policy: &PrecedencePolicy) -> BTreeSet<(SourceKey, Field, Option<String>)> {
        let mut due = BTreeSet::new();
        for (id, golden) in &self.records {
            let sources: Vec<_> = self.members[id].iter().map(Member::facts).collect();
            let writes = write_back::due(policy, golden, &sources);
            due.extend(
                writes.into_iter().map(|it| (it.target.clone(), it.field, it.value.map(str::to_owned))),
            );
        }
        due
    }
}

async fn members(db: &DatabaseConnection) -> BTreeMap<GoldenId, Vec<Member>> {
    let links = record_link::Entity::find().filter(record_link::Column::EndedAt.is_null());
    let links = links.all(db).await.unwrap().into_iter();
    let golden_of: BTreeMap<SourceRecordId, GoldenId> =
        links.map(|it| (it.source_record_id, it.golden_id)).collect();
    let mut members: BTreeMap<GoldenId, Vec<Member>> = BTreeMap::new();
    for row in source_record::Entity::find().all(db).await.unwrap() {
        members.entry(golden_of[&row.id]).or_default().push(Member {
            id: row.id,
            states: FieldStates::from_json(row.kind, &row.facts).unwrap(),
            is_live: row.state == LinkState::Live,
            key: SourceKey { system: row.system, object: row.object, external_id: row.external_id },
        });
    }
    members
}

/// What an effect that leads from one state to the other is in numbers, but for how many records were looked at.
pub fn between(before: &State, after: &State, [old, new]: [&PrecedencePolicy; 2]) -> Findings {
    let mut found = Findings { leads_relinked: relinked(before, after), ..Findings::default() };
    count_fields(before, after, &mut found);
    count_moves(before, after, &mut found);
    let due_before = before.due(old);
    let mut writes: BTreeMap<(SourceSystem, Field), i64> = BTreeMap::new();
    for (key, field, _) in after.due(new).difference(&due_before) {
        *writes.entry((key.system.clone(), *field)).or_default() += 1;
    }
    found.write_backs.extend(writes.into_iter().map(|((system, field), count)| WriteBackCount {
        system: system.into(),
        kind: field.record(),
        field: field.name().to_owned(),
        count,
    }));
    let mut tasks: BTreeMap<ReviewKind, (i64, i64)> = BTreeMap::new();
    for (fingerprint, kind) in after.waiting.iter().chain(&before.waiting) {
        let (was, is) = (before.waiting.contains_key(fingerprint), after.waiting.contains_key(fingerprint));
        let counts = tasks.entry(*kind).or_default();
        counts.0 += i64::from(!was && is);
        counts.1 += i64::from(was && !is);
    }
    tasks.retain(|_, it| *it != (0, 0));
    let tasks = tasks.into_iter().map(|(task, (raised, closed))| TaskCount { task, raised, closed });
    found.tasks.extend(tasks);
    found
}

fn count_fields(before: &State, after: &State, found: &mut Findings) {
    let mut fields: BTreeMap<Field, (i64, i64)> = BTreeMap::new();
    let mut rules: BTreeMap<_, i64> = BTreeMap::new();
    for (id, golden) in after.records.iter().filter(|it| after.is_alive(*it.0)) {
        let mut is_changed = false;
        for field in golden.kind().fields() {
            let (b, a) = (before.settlement(*id, field), golden.settlement(field));
            let value = |it: Option<&Settlement>| it.and_then(|it| it.value.clone());
            let reason = |it: Option<&Settlement>| it.map(|it| (it.source().cloned(), it.step));
            let count = fields.entry(field).or_default();
            match (value(b) == value(a), reason(b) == reason(a)) {
                (false, _) => count.0 += 1,
                (true, false) => count.1 += 1,
                (true, true) => continue,
            }
            is_changed = true;
            *rules.entry((golden.kind(), b.map(|it| it.step), a.map(|it| it.step))).or_default() += 1;
        }
        found.records_changed += i64::from(is_changed);
    }
    fields.retain(|_, it| *it != (0, 0));
    found.fields.extend(fields.into_iter().map(|(field, (values, reasons))| FieldChanges {
        kind: field.record(),
        field: field.name().to_owned(),
        values,
        reasons,
    }));
    let rules = rules.into_iter();
    found.rules.extend(rules.map(|((kind, before, after), count)| RuleChanges {
        kind,
        before,
        after,
        count,
    }));
}

fn count_moves(before: &State, after: &State, found: &mut Findings) {
    let mut merges: BTreeMap<RecordKind, i64> = BTreeMap::new();
    for (_, golden) in before.records.iter().filter(|it| !after.records.contains_key(it.0)) {
        *merges.entry(golden.kind()).or_default() += 1;
    }
    let mut splits: BTreeMap<RecordKind, i64> = BTreeMap::new();
    for (_, to) in parted(before, after) {
        *splits.entry(after.records[&to].kind()).or_default() += 1;
    }
    let counts = |it: BTreeMap<RecordKind, i64>| -> Vec<KindCount> {
        it.into_iter().map(|(kind, count)| KindCount { kind, count }).collect()
    };
    (found.merges, found.splits) = (counts(merges), counts(splits));
}

/// Golden records that records left for one that was none of its own before, with that one.
fn parted(before: &State, after: &State) -> BTreeSet<(GoldenId, GoldenId)> {
    let now = after.golden_of();
    let moves = before.golden_of().into_iter().map(|(id, from)| (from, now[&id]));
    moves.filter(|(from, to)| from != to && !before.records.contains_key(to)).collect()
}

fn relinked(before: &State, after: &State) -> i64 {
    let leads = after.records.iter().filter(|(_, it)| it.kind() == RecordKind::Lead);
    let moved = leads.filter(|(id, _)| before.employers.get(id) != after.employers.get(id));
    i64::try_from(moved.count()).unwrap()
}

/// Checks that an example tells what has become.
pub fn check_example(it: &dry_run_example::Model, before: &State, after: &State) {
    let is = |settlement: Option<&Settlement>,
              value: &Option<String>,
              source: &Option<String>,
              rule: &Option<String>| {
        settlement.and_then(|it| it.value.as_ref()) == value.as_ref()
            && settlement.and_then(Settlement::source).map(ToString::to_string) == *source
            && settlement.map(|it| it.step.code().to_owned()) == *rule
    };
    let field = it.field.as_deref().map(|name| it.kind.field(name).unwrap());
    let is_true = match (it.change, field) {
        (DryRunChange::Value | DryRunChange::Reason, Some(field)) => {
            let became =
                |id| is(after.settlement(id, field), &it.value_after, &it.source_after, &it.rule_after);
            let was =
                |id| is(before.settlement(id, field), &it.value_before, &it.source_before, &it.rule_before);
            match it.golden_id {
                Some(id) => was(id) && became(id),
                None => after.records.keys().any(|id| !before.records.contains_key(id) && became(*id)),
            }
        }
        (DryRunChange::WriteBack, Some(field)) => {
            let (id, target) = target(after, it.source_after.as_deref().unwrap());
            let said = target.states.get(field).and_then(|it| it.value.clone());
            let served = after.settlement(id, field).and_then(|it| it.value.clone());
            (said, served) == (it.value_before.clone(), it.value_after.clone())
                && it.golden_id.is_none_or(|it| it == id)
        }
        (DryRunChange::Merge, _) => {
            let (loser, survivor) = (it.golden_id.unwrap(), it.other_id.unwrap());
            before.records.contains_key(&loser)
                && !after.records.contains_key(&loser)
                && after.records.contains_key(&survivor)
        }
        (DryRunChange::Split, _) => parted(before, after).iter().any(|(from, _)| Some(*from) == it.golden_id),
        _ => false,
    };
    assert!(is_true, "{it:?}");
}

fn target<'a>(state: &'a State, name: &str) -> (GoldenId, &'a Member) {
    let members = state.members.iter().flat_map(|(golden, it)| it.iter().map(|it| (*golden, it)));
    members.into_iter().find(|(_, it)| it.key.to_string() == name).expect("the target is stored")
}
