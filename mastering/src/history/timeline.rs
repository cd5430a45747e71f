//! The life of one golden record: every change of a served value, and why it changed.
//!
//! The life is replayed instant by instant. At each, what happened is let happen one after another (sources speak, records
//! come and go, people fix values, the policy changes), and the record is settled in between: a change is put down to what
//! last made it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::SourceKey;

use super::{Replay, StoredObservation};
use crate::golden_record::{GoldenRecord, Settlement};
use crate::policy::PrecedencePolicy;
use crate::survivorship::holds::{Hold, Holds};
use crate::survivorship::steps::Step;
use crate::survivorship::{SourceFacts, resolve};

domain::codes! {
    /// Why a served value changed.
    pub enum ChangeCause {
        FirstSeen("初回取込", "First seen"),
        Observation("ソースの変更", "Changed in a source"),
        Deletion("ソースでの削除", "Deleted in a source"),
        Merge("統合", "Merged"),
        Unmerge("統合解除", "Unmerged"),
        Pin("手動固定", "Pinned"),
        Lock("更新凍結", "Locked"),
        Release("固定・凍結の終了", "Pin or lock ended"),
        Policy("ポリシー変更", "Policy changed"),
    }
}

/// All that decided about a golden record, dated.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// The source records that ever belonged to it.
    pub records: Vec<Witness>,
    /// From when to when they did.
    pub memberships: Vec<Membership>,
    /// What people fixed.
    pub holds: Vec<DatedHold>,
    /// The policies in the order of their activation; the first one counts from the beginning.
    pub policies: Vec<DatedPolicy>,
}

/// A source record with all that it ever said, in the order in which it was said.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Identity of the record outside.
    pub key: SourceKey,
    /// Its observations.
    pub observations: Vec<StoredObservation>,
}

/// A source record while it belonged to the golden record.
#[derive(Debug, Clone, Copy)]
pub struct Membership {
    /// Its place among the records.
    pub record: usize,
    /// From this instant.
    pub since: DateTime<Utc>,
    /// Until just before this one.
    pub until: Option<DateTime<Utc>>,
    /// Whether the record had belonged nowhere before.
    pub is_first: bool,
}

/// A pin or lock while it held.
#[derive(Debug, Clone)]
pub struct DatedHold {
    /// What was fixed.
    pub hold: Hold,
    /// From this instant.
    pub since: DateTime<Utc>,
    /// Until just before this one.
    pub until: Option<DateTime<Utc>>,
}

/// A policy from its activation on.
#[derive(Debug, Clone)]
pub struct DatedPolicy {
    /// From this instant.
    pub since: DateTime<Utc>,
    /// The policy.
    pub policy: Arc<PrecedencePolicy>,
}

/// A change of a served value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field.
    pub field: Field,
    /// When it changed here.
    pub recorded_at: DateTime<Utc>,
    /// How the field was settled from then on; `None` when nobody had anything to say of it any more.
    pub settlement: Option<Settlement>,
    /// Version of the policy that settled it.
    pub policy: String,
    /// Why it changed.
    pub cause: ChangeCause,
}

/// Every change of a served value, oldest first; changes of one instant in the order of the catalogue.
///
/// While no source has the record, or it has lost a merge, nothing of it is served and nothing changes. `Life::policies`
/// must not be empty.
pub fn timeline(kind: RecordKind, life: &Life) -> Vec<Change> {
    let mut replayed = Replayed::new(kind, life);
    let mut served: Option<GoldenRecord> = None;
    let mut changes = Vec::new();
    for at in instants(life) {
        let Some((golden, causes)) = replayed.live_through(at, served.as_ref()) else { continue };
        for field in changed(served.as_ref(), &golden) {
            changes.push(Change {
                field,
                recorded_at: at,
                settlement: golden.settlement(field).cloned(),
                policy: golden.policy().to_owned(),
                cause: causes.get(&field).copied().unwrap_or(ChangeCause::Observation),
            });
        }
        served = Some(golden);
    }
    changes
}

/// When anything happened.
fn instants(life: &Life) -> BTreeSet<DateTime<Utc>> {
    let observed = life.records.iter().flat_map(|it| &it.observations).map(|it| it.sighting.observed_at);
    let joined = life.memberships.iter().flat_map(|it| [Some(it.since), it.until]);
    let held = life.holds.iter().flat_map(|it| [Some(it.since), it.until]);
    let activated = life.policies.iter().map(|it| it.since);
    observed.chain(joined.chain(held).flatten()).chain(activated).collect()
}

/// The fields that are served with another value. Of values that were scrubbed it is still known when they changed.
fn changed(before: Option<&GoldenRecord>, after: &GoldenRecord) -> Vec<Field> {
    let fields = after.kind().fields();
    fields.filter(|&it| shown(before, it) != shown(Some(after), it)).collect()
}

/// What is served of a field: its value, or the observation of one that was scrubbed.
fn shown(golden: Option<&GoldenRecord>, field: Field) -> (Option<&str>, Option<i64>) {
    let Some(settlement) = golden.and_then(|it| it.settlement(field)) else { return (None, None) };
    let scrubbed = (settlement.step == Step::Erased).then_some(settlement.origin.sequence);
    (settlement.value.as_deref(), scrubbed)
}

/// A golden record as it stands while its life is replayed.
struct Replayed<'a> {
    kind: RecordKind,
    life: &'a Life,
    /// What each record says, and how many of its observations that takes.
    said: Vec<(Replay, usize)>,
    members: BTreeSet<usize>,
    holds: Holds,
    policy: &'a PrecedencePolicy,
}

impl<'a> Replayed<'a> {
    fn new(kind: RecordKind, life: &'a Life) -> Self {
        Self {
            kind,
            life,
            said: vec![(Replay::default(), 0); life.records.len()],
            members: BTreeSet::new(),
            holds: Holds::default(),
            policy: &life.policies[0].policy,
        }
    }

    /// Lets happen what happened at an instant: how the record is settled then, and what last changed each field. `None`
    /// when nothing is served.
    fn live_through(
        &mut self,
        at: DateTime<Utc>,
        served: Option<&GoldenRecord>,
    ) -> Option<(GoldenRecord, BTreeMap<Field, ChangeCause>)> {
        let mut causes = BTreeMap::new();
        let mut latest = served.cloned();
        for step in [Self::hear, Self::regroup, Self::hold, Self::govern] {
            let Some(cause) = step(self, at) else { continue };
            let Some(golden) = self.settle() else { continue };
            for field in changed(latest.as_ref(), &golden) {
                causes.insert(field, self.refined(cause, field, latest.as_ref(), &golden));
            }
            latest = Some(golden);
        }
        self.settle().map(|golden| (golden, causes))
    }

    /// Sources speak, some for the first time.
    fn hear(&mut self, at: DateTime<Utc>) -> Option<ChangeCause> {
        let mut is_news = false;
        for ((replay, heard), record) in self.said.iter_mut().zip(&self.life.records) {
            let untold = record.observations[*heard..].iter();
            let new = untold.take_while(|it| it.sighting.observed_at <= at).count();
            if new > 0 {
                replay.hear(&record.observations, *heard, new);
                *heard += new;
                is_news = true;
            }
        }
        let comers = self.life.memberships.iter().filter(|it| it.since == at && it.is_first);
        for comer in comers {
            is_news |= self.members.insert(comer.record);
        }
        is_news.then_some(ChangeCause::Observation)
    }

    /// Records come from other golden records, or go.
    fn regroup(&mut self, at: DateTime<Utc>) -> Option<ChangeCause> {
        let holds_at = |it: &&Membership| it.since <= at && it.until.is_none_or(|until| until > at);
        let members = self.life.memberships.iter().filter(holds_at).map(|it| it.record).collect();
        let before = std::mem::replace(&mut self.members, members);
        let is_joined = self.members.difference(&before).next().is_some();
        let is_left = before.difference(&self.members).next().is_some();
        match (is_joined, is_left) {
            // Whoever gets its records back was taken out of another one.
            (true, _) if before.is_empty() => Some(ChangeCause::Unmerge),
            (true, _) => Some(ChangeCause::Merge),
            (false, true) => Some(ChangeCause::Unmerge),
            (false, false) => None,
        }
    }

    /// People fix values, or let them go.
    fn hold(&mut self, at: DateTime<Utc>) -> Option<ChangeCause> {
        let holds_at = |it: &&DatedHold| it.since <= at && it.until.is_none_or(|until| until > at);
        let holds = Holds::new(self.life.holds.iter().filter(holds_at).map(|it| it.hold.clone()).collect());
        let is_changed = holds != self.holds;
        self.holds = holds;
        is_changed.then_some(ChangeCause::Release)
    }

    /// Another policy comes into force.
    fn govern(&mut self, at: DateTime<Utc>) -> Option<ChangeCause> {
        let policy = self.life.policies.iter().rev().find(|it| it.since <= at)?;
        let is_changed = policy.policy.version() != self.policy.version();
        self.policy = &policy.policy;
        is_changed.then_some(ChangeCause::Policy)
    }

    fn settle(&self) -> Option<GoldenRecord> {
        let facts: Vec<SourceFacts<'_>> = self.members.iter().map(|&it| self.facts(it)).collect();
        let is_served = facts.iter().any(|it| it.is_live);
        is_served.then(|| resolve(self.policy, self.kind, &facts, &self.holds))
    }

    fn facts(&self, record: usize) -> SourceFacts<'_> {
        let replay = &self.said[record].0;
        SourceFacts {
            key: &self.life.records[record].key,
            states: replay.states(),
            is_live: replay.is_live(),
        }
    }

    /// What exactly it was, of the kinds of things that happen together.
    fn refined(
        &self,
        cause: ChangeCause,
        field: Field,
        before: Option<&GoldenRecord>,
        after: &GoldenRecord,
    ) -> ChangeCause {
        let step = after.settlement(field).map(|it| it.step);
        match (cause, before, step) {
            (ChangeCause::Observation, None, _) => ChangeCause::FirstSeen,
            (ChangeCause::Observation, Some(before), _) if self.is_gone(before, field) => {
                ChangeCause::Deletion
            }
            (ChangeCause::Release, _, Some(Step::Pin)) => ChangeCause::Pin,
            (ChangeCause::Release, _, Some(Step::Lock)) => ChangeCause::Lock,
            _ => cause,
        }
    }

    /// Whether the source record that a value came from has been deleted.
    fn is_gone(&self, golden: &GoldenRecord, field: Field) -> bool {
        let winner = golden.settlement(field).and_then(Settlement::source);
        let place = winner.and_then(|key| self.life.records.iter().position(|it| it.key == **key));
        place.is_some_and(|it| !self.said[it].0.is_live())
    }
}
