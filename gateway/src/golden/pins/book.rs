//! The holds of golden records that part and join: every row there ever was, and what becomes of it, before it is written.
//!
//! Here: rows that end and begin, the questions that come of it, reading and writing them. Not here: which of them do
//! (`merges`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::ids::{GoldenId, HoldId};
use domain::review::ReviewKind;
use entity::golden::hold::Model;
use entity::golden::merge_operation;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};

use super::expiry::TIME;
use super::merges::Moves;
use super::store::{self, End};
use crate::error::Result;
use crate::golden::service::{Ambiguous, Engine};
use crate::platform::clock::Clock;
use crate::platform::database::lists;
use crate::review;
use crate::review::foresight::Saying;
use crate::review::service::Question;

/// Holds of golden records that part and join.
#[derive(Debug)]
pub(in crate::golden) struct Book {
    pub(super) now: DateTime<Utc>,
    /// Questions that are asked because of it.
    pub(super) questions: Vec<Question>,
    /// What stayed because nothing says to which side it belongs.
    pub(super) ambiguous: Vec<Ambiguous>,
    clock: Clock,
    rows: BTreeMap<HoldId, Model>,
    /// What rows elsewhere that took the place of these are known as.
    successors: HashMap<HoldId, HoldId>,
    merged_at: HashMap<GoldenId, DateTime<Utc>>,
    /// Stored rows that have ended.
    ended: BTreeSet<HoldId>,
    /// Rows that are not stored yet.
    begun: BTreeSet<HoldId>,
    /// Questions that are taken back, by their fingerprints.
    withdrawn: Vec<(ReviewKind, String)>,
}

impl Book {
    /// Reads what was ever fixed of these golden records.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        engine: &Engine,
        now: DateTime<Utc>,
        moves: &Moves,
    ) -> Result<Self> {
        let parting = moves.parted.keys().flat_map(|it| [it.0, it.1]);
        let sides: BTreeSet<GoldenId> =
            parting.chain(moves.merged.iter().flat_map(|it| [it.0, it.1])).collect();
        let ever = store::ever(db, &sides.into_iter().collect::<Vec<_>>()).await?;
        let successors: Vec<HoldId> = ever.iter().filter_map(|it| it.replaced_by).collect();
        let successors = store::by_ids(db, &successors).await?;
        let restored: Vec<GoldenId> = moves.parted.keys().map(|it| it.1).collect();
        Ok(Self {
            now,
            questions: Vec::new(),
            ambiguous: Vec::new(),
            clock: engine.clock.clone(),
            rows: ever.into_iter().map(|it| (it.id, it)).collect(),
            successors: successors.into_iter().map(|it| (it.id, it.first_id())).collect(),
            merged_at: last_merges(db, &restored).await?,
            ended: BTreeSet::new(),
            begun: BTreeSet::new(),
            withdrawn: Vec::new(),
        })
    }

    /// The holds in force; those whose time is over end first.
    pub(super) fn alive(&mut self, goldens: &[GoldenId]) -> Vec<Model> {
        let open = self.ever(goldens).into_iter().filter(|it| it.ended_at.is_none());
        let (over, alive): (Vec<Model>, Vec<Model>) =
            open.partition(|it| it.until.is_some_and(|end| end <= self.now));
        for hold in over {
            self.end(hold.id, TIME, None);
            self.withdraw(&hold);
        }
        alive
    }

    /// Every row of these golden records, oldest first.
    pub(super) fn ever(&self, goldens: &[GoldenId]) -> Vec<Model> {
        self.rows.values().filter(|it| goldens.contains(&it.golden_id)).cloned().collect()
    }

    /// When a golden record was last merged into another.
    pub(super) fn merged_at(&self, golden: GoldenId) -> Option<DateTime<Utc>> {
        self.merged_at.get(&golden).copied()
    }

    /// What a row is known as.
    pub(super) fn first_id(&self, id: HoldId) -> Option<HoldId> {
        self.rows.get(&id).map(Model::first_id).or_else(|| self.successors.get(&id).copied())
    }

    /// Ends a hold at its golden record and lets it go on at another; gives the row by which it does.
    pub(super) fn go_on(&mut self, hold: &Model, at: GoldenId, why: &str) -> HoldId {
        let successor = self.begin(hold, at);
        self.end(hold.id, why, Some(successor));
        successor
    }

    /// Lets a hold go on at a golden record.
    pub(super) fn begin(&mut self, hold: &Model, at: GoldenId) -> HoldId {
        let id: HoldId = self.clock.new_id();
        let row = Model {
            id,
            golden_id: at,
            since: self.now,
            ended_at: None,
            ended_by: None,
            end_reason: None,
            continues: Some(hold.first_id()),
            replaced_by: None,
            ..hold.clone()
        };
        self.rows.insert(id, row);
        self.begun.insert(id);
        id
    }

    /// Ends a hold; one whose time is over ends when it was over.
    pub(super) fn end(&mut self, id: HoldId, by: &str, replaced_by: Option<HoldId>) {
        let Some(row) = self.rows.get_mut(&id) else { return };
        row.ended_at = Some(row.until.map_or(self.now, |until| until.min(self.now)));
        row.ended_by = Some(by.to_owned());
        row.replaced_by = replaced_by;
        if !self.begun.contains(&id) {
            self.ended.insert(id);
        }
    }

    /// Takes back what was asked about a pin.
    pub(super) fn withdraw(&mut self, pin: &Model) {
        self.withdrawn.extend(pin.asked.clone().map(|it| (ReviewKind::StalePin, it)));
    }

    /// Takes back a question of a kind, by its fingerprint.
    pub(super) fn take_back(&mut self, kind: ReviewKind, fingerprint: String) {
        self.withdrawn.push((kind, fingerprint));
    }

    /// What is said to the review queue, in this order.
    pub(in crate::golden) fn sayings(&self) -> Vec<Saying> {
        let taken_back = self.withdrawn.iter().map(|(kind, it)| Saying::withdrawn(*kind, it));
        taken_back.chain(self.questions.iter().map(Saying::asked)).collect()
    }

    /// The holds in force of golden records, given those that are stored.
    pub(super) fn in_force(&self, goldens: &[GoldenId], stored: Vec<Model>) -> Vec<Model> {
        let goldens: BTreeSet<&GoldenId> = goldens.iter().collect();
        let is_alive = |it: &&Model| it.ended_at.is_none() && it.until.is_none_or(|end| end > self.now);
        let of_book = self.rows.values().filter(is_alive).filter(|it| goldens.contains(&it.golden_id));
        let others = stored.into_iter().filter(|it| !self.rows.contains_key(&it.id));
        let mut rows: Vec<Model> = others.chain(of_book.cloned()).collect();
        rows.sort_unstable_by_key(|it| it.id);
        rows
    }

    /// Writes what has become of the holds, and asks what follows from it. Gives what nothing says a side of.
    pub(super) async fn write(self, db: &impl ConnectionTrait, engine: &Engine) -> Result<Vec<Ambiguous>> {
        // Of one field only one is in force at a golden record: what ends makes room for what begins.
        for row in self.ended.iter().filter_map(|it| self.rows.get(it)) {
            let by = row.ended_by.as_deref().unwrap_or_default();
            let at = row.ended_at.unwrap_or(self.now);
            store::end(db, row.id, End { at, by, reason: None, replaced_by: row.replaced_by }).await?;
        }
        for row in self.begun.iter().filter_map(|it| self.rows.get(it)) {
            store::insert(db, row.clone()).await?;
        }
        let withdrawn: Vec<String> = self.withdrawn.into_iter().map(|it| it.1).collect();
        review::service::withdraw(db, &engine.clock, self.now, &withdrawn).await?;
        review::service::ask_all(db, &engine.clock, self.now, self.questions).await?;
        Ok(self.ambiguous)
    }
}

/// When these golden records were last merged into others.
async fn last_merges(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<HashMap<GoldenId, DateTime<Utc>>> {
    use merge_operation::Column;
    let mut last: HashMap<GoldenId, DateTime<Utc>> = HashMap::new();
    for list in lists(db, goldens) {
        let merges = merge_operation::Entity::find().filter(list.holds(Column::LoserId));
        for it in merges.all(db).await? {
            let at = last.entry(it.loser_id).or_insert(it.merged_at);
            *at = (*at).max(it.merged_at);
        }
    }
    Ok(last)
}
