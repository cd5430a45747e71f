//! What becomes of pins and locks when golden records join and part.
//!
//! Joining: they follow their record. Where both sides had one on the same field, the one that was made last goes on.
//! Parting: what a merge brought or ended goes back; what was made since follows its evidence, the source records that had a
//! say on the field then. A row that ends here and the row that goes on are both kept, dated, so that the past can be told.
//!
//! All of it happens in a [`Book`], which is written afterwards, or, by who only wants to know, is not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::holds::HoldKind;
use domain::ids::{GoldenId, HoldId, SourceRecordId};
use domain::review::ReviewKind;
use entity::golden::hold;
use mastering::equivalence;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::book::Book;
use super::in_force::kept;
use super::store;
use crate::error::{Error, Result};
use crate::golden::links::Linked;
use crate::golden::service::{Ambiguous, Engine};
use crate::review::service::Question;

pub(super) const MERGE: &str = "MERGE";
const UNMERGE: &str = "UNMERGE";

/// Which golden records part and join.
#[derive(Debug, Default)]
pub(in crate::golden) struct Moves {
    /// The source records that go from one golden record to another that is one of its own from now on.
    pub(super) parted: BTreeMap<(GoldenId, GoldenId), Vec<SourceRecordId>>,
    /// Losers, with their survivors.
    pub(super) merged: Vec<(GoldenId, GoldenId)>,
}

impl Moves {
    /// Source records that moved from somewhere to somewhere, of which some are golden records of their own from now on.
    pub(in crate::golden) fn new(
        moved: impl Iterator<Item = (SourceRecordId, GoldenId, GoldenId)>,
        is_own_now: impl Fn(&GoldenId) -> bool,
        merged: &[(GoldenId, GoldenId)],
    ) -> Self {
        let mut moves = Self { parted: BTreeMap::new(), merged: merged.to_vec() };
        for (id, from, to) in moved.filter(|it| is_own_now(&it.2)) {
            moves.parted.entry((from, to)).or_default().push(id);
        }
        moves
    }

    /// The same without golden records of which nothing is fixed.
    async fn of_held(self, db: &impl ConnectionTrait) -> Result<Self> {
        let Self { mut parted, mut merged } = self;
        let left: Vec<GoldenId> = parted.keys().map(|it| it.0).chain(merged.iter().map(|it| it.0)).collect();
        let held: BTreeSet<GoldenId> =
            store::open(db, &left).await?.into_iter().map(|it| it.golden_id).collect();
        parted.retain(|sides, _| held.contains(&sides.0));
        merged.retain(|sides| held.contains(&sides.0));
        Ok(Self { parted, merged })
    }
}

/// Lets holds follow the records that were grouped anew. What stays where it was because nothing says to which side it belongs
/// is told.
pub(in crate::golden) async fn follow_links(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    linked: &Linked,
) -> Result<Vec<Ambiguous>> {
    let moved = linked.moved.iter().map(|it| (it.fact.row.id, it.from, it.to));
    let is_own_now = |it: &GoldenId| linked.restored.contains(it) || linked.created.contains(it);
    let moves = Moves::new(moved, is_own_now, &linked.merged);
    foresee_links(db, engine, now, moves).await?.write(db, engine).await
}

/// Holds as they will be when records have moved so. Writes nothing.
pub(in crate::golden) async fn foresee_links(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    moves: Moves,
) -> Result<Book> {
    let moves = moves.of_held(db).await?;
    let mut book = Book::read(db, engine, now, &moves).await?;
    // Parting first, for what parts may join others.
    for (sides, moved) in &moves.parted {
        book.part(*sides, &moved.iter().copied().collect())?;
    }
    for &(loser, survivor) in &moves.merged {
        book.join(loser, survivor)?;
    }
    Ok(book)
}

/// Lets what is fixed of a field go on at another golden record, in the transaction of a decision. Both are to be settled after
/// this. Nothing happens where there is none, or where the other one has its own.
pub(super) async fn hand_over(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    (hold, field): (HoldKind, &str),
    (from, to): (GoldenId, GoldenId),
) -> Result<Option<()>> {
    let moves = Moves { parted: [((from, to), Vec::new())].into(), merged: Vec::new() };
    let mut book = Book::read(db, engine, now, &moves).await?;
    let (there, here): (Vec<_>, Vec<_>) =
        book.alive(&[from, to]).into_iter().partition(|it| it.golden_id == to);
    let Some(held) = store::on_field(&here, hold, field) else { return Ok(None) };
    if store::on_field(&there, hold, field).is_some() {
        return Ok(None);
    }
    book.withdraw(held);
    book.go_on(&hold::Model { asked: None, ..held.clone() }, to, UNMERGE);
    book.write(db, engine).await?;
    Ok(Some(()))
}

/// Where a hold belongs when its golden record parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Survivor,
    Restored,
    Unclear,
}

impl Book {
    /// Lets the holds of the loser of a merge hold at its survivor.
    fn join(&mut self, loser: GoldenId, survivor: GoldenId) -> Result<()> {
        let (there, coming): (Vec<_>, Vec<_>) =
            self.alive(&[loser, survivor]).into_iter().partition(|it| it.golden_id == survivor);
        for hold in coming {
            let Some(rival) = store::on_field(&there, hold.hold, &hold.field) else {
                self.go_on(&hold, survivor, MERGE);
                continue;
            };
            let comes_last = (hold.held_at, hold.first_id()) > (rival.held_at, rival.first_id());
            let (newer, older) = if comes_last { (&hold, rival) } else { (rival, &hold) };
            self.questions.extend(conflict((newer, older), survivor)?);
            self.withdraw(older);
            if comes_last {
                let successor = self.go_on(&hold, survivor, MERGE);
                self.end(rival.id, MERGE, Some(successor));
            } else {
                self.end(hold.id, MERGE, Some(rival.id));
            }
        }
        Ok(())
    }

    /// Gives each side of an unmerge the holds that are its own; `moved` are the source records that go to the restored
    /// record. What is nobody's for certain stays, and is told.
    fn part(
        &mut self,
        (survivor, restored): (GoldenId, GoldenId),
        moved: &BTreeSet<SourceRecordId>,
    ) -> Result<()> {
        let open = self.alive(&[survivor]);
        let ever = self.ever(&[survivor, restored]);
        for hold in &open {
            let side = self.side_of(hold, restored, moved, &ever)?;
            if side == Side::Restored {
                self.go_on(hold, restored, UNMERGE);
            }
            if side == Side::Unclear {
                let field = hold.kind.field(&hold.field).map_err(Error::internal)?;
                self.ambiguous.push(Ambiguous {
                    hold: Some(hold.hold),
                    field,
                    value: value(hold)?,
                    since: hold.held_at,
                });
            }
            let freed = if side == Side::Restored { survivor } else { restored };
            let merged_at = self.merged_at(restored);
            for lost in last_rows(&ever, freed).filter(|it| merged_at <= it.ended_at) {
                if self.was_displaced_by(lost, hold) {
                    // What was asked about it was withdrawn with it, and may be asked again.
                    self.begin(&hold::Model { asked: None, ..lost.clone() }, freed);
                    // Each side has its own again, so there is nothing left to ask.
                    self.take_back(ReviewKind::FieldConflict, conflict_fingerprint(hold, lost));
                }
            }
        }
        Ok(())
    }

    /// What came with the merge goes back, what was there before it stays, what was made since follows its evidence.
    fn side_of(
        &self,
        hold: &hold::Model,
        restored: GoldenId,
        moved: &BTreeSet<SourceRecordId>,
        ever: &[hold::Model],
    ) -> Result<Side> {
        if ever.iter().any(|it| it.golden_id == restored && it.first_id() == hold.first_id()) {
            return Ok(Side::Restored);
        }
        if self.merged_at(restored).is_some_and(|it| hold.held_at < it) {
            return Ok(Side::Survivor);
        }
        let evidence: BTreeSet<SourceRecordId> =
            serde_json::from_str(&hold.evidence_records).map_err(Error::internal)?;
        Ok(match evidence.intersection(moved).count() {
            0 if evidence.is_empty() => Side::Unclear,
            0 => Side::Survivor,
            all if all == evidence.len() => Side::Restored,
            _ => Side::Unclear,
        })
    }

    /// Whether a merge ended a hold for the sake of this one.
    fn was_displaced_by(&self, lost: &hold::Model, hold: &hold::Model) -> bool {
        let successor = lost.replaced_by.and_then(|it: HoldId| self.first_id(it));
        lost.ended_by.as_deref() == Some(MERGE)
            && successor == Some(hold.first_id())
            && lost.first_id() != hold.first_id()
            && lost.until.is_none_or(|end| end > self.now)
    }
}

/// The last row of each hold at a golden record. Records that joined and parted several times have rows of each time, of
/// which the earlier ones went on already.
fn last_rows(ever: &[hold::Model], golden: GoldenId) -> impl Iterator<Item = &hold::Model> {
    let rows = ever.iter().filter(move |it| it.golden_id == golden);
    let last: BTreeMap<HoldId, &hold::Model> = rows.map(|it| (it.first_id(), it)).collect();
    last.into_values()
}

/// Two people fixed the same field to different values, on records that turned out to be one.
fn conflict((newer, older): (&hold::Model, &hold::Model), survivor: GoldenId) -> Result<Option<Question>> {
    let (served, lost) = (value(newer)?, value(older)?);
    let field = newer.kind.field(&newer.field).map_err(Error::internal)?;
    if newer.hold != HoldKind::Pin || equivalence::same(field, served.as_deref(), lost.as_deref()) {
        return Ok(None);
    }
    let kind = ReviewKind::FieldConflict;
    let fingerprint = conflict_fingerprint(newer, older);
    let subject = json!({
        "field": newer.field,
        "served": told(newer, served.as_deref()),
        "lost": told(older, lost.as_deref()),
    });
    Ok(Some(Question::new(kind, newer.kind, fingerprint, subject).about([Some(survivor), None])))
}

/// By which the question is recognised which of two pins counts.
fn conflict_fingerprint(newer: &hold::Model, older: &hold::Model) -> String {
    format!("{}|{}|{}", ReviewKind::FieldConflict, newer.first_id(), older.first_id())
}

fn told(hold: &hold::Model, value: Option<&str>) -> Value {
    json!({ "value": value, "by": hold.held_by, "at": hold.held_at, "reason": hold.reason })
}

/// The value of a hold's own field.
fn value(hold: &hold::Model) -> Result<Option<String>> {
    let field = hold.kind.field(&hold.field).map_err(Error::internal)?;
    Ok(kept(hold)?.get(field).and_then(|it| it.value.clone()))
}
