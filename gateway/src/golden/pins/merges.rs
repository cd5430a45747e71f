//! What becomes of pins and locks when golden records join and part.
//!
//! Joining: they follow their record. Where both sides had one on the same field, the one that was made last goes on.
//! Parting: what a merge brought or ended goes back; what was made since follows its evidence, the source records that had a
//! say on the field then. A row that ends here and the row that goes on are both kept, dated, so that the past can be told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::holds::HoldKind;
use domain::ids::{GoldenId, HoldId, SourceRecordId};
use domain::review::ReviewKind;
use entity::golden::{hold, merge_operation};
use mastering::equivalence;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::in_force::kept;
use super::store::{self, End};
use super::{expiry, stale};
use crate::error::{Error, Result};
use crate::golden::links::Linked;
use crate::golden::service::{Ambiguous, Engine};
use crate::review;
use crate::review::service::Question;

const MERGE: &str = "MERGE";
const UNMERGE: &str = "UNMERGE";

/// Lets holds follow the records that were grouped anew: parting first, for what parts may join others. What stays where it was
/// because nothing says to which side it belongs is told.
pub(in crate::golden) async fn follow_links(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    linked: &Linked,
) -> Result<Vec<Ambiguous>> {
    let mut parted: BTreeMap<(GoldenId, GoldenId), Vec<SourceRecordId>> = BTreeMap::new();
    for it in &linked.moved {
        if linked.restored.contains(&it.to) || linked.created.contains(&it.to) {
            parted.entry((it.from, it.to)).or_default().push(it.fact.row.id);
        }
    }
    let left: Vec<GoldenId> =
        parted.keys().map(|it| it.0).chain(linked.merged.iter().map(|it| it.0)).collect();
    let held: BTreeSet<GoldenId> = store::open(db, &left).await?.into_iter().map(|it| it.golden_id).collect();
    let mut ambiguous = Vec::new();
    for (sides, moved) in parted.into_iter().filter(|(sides, _)| held.contains(&sides.0)) {
        ambiguous.extend(follow_unmerge(db, engine, now, sides, &moved).await?);
    }
    for &(loser, survivor) in linked.merged.iter().filter(|it| held.contains(&it.0)) {
        follow_merge(db, engine, now, loser, survivor).await?;
    }
    Ok(ambiguous)
}

/// Lets the holds of the loser of a merge hold at its survivor. The survivor is to be settled after this.
async fn follow_merge(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    loser: GoldenId,
    survivor: GoldenId,
) -> Result<()> {
    let (there, coming): (Vec<_>, Vec<_>) = alive(db, engine, now, &[loser, survivor])
        .await?
        .into_iter()
        .partition(|it| it.golden_id == survivor);
    for hold in coming {
        let Some(rival) = store::on_field(&there, hold.hold, &hold.field) else {
            go_on(db, engine, now, &hold, (survivor, MERGE)).await?;
            continue;
        };
        let comes_last = (hold.held_at, hold.first_id()) > (rival.held_at, rival.first_id());
        let (newer, older) = if comes_last { (&hold, rival) } else { (rival, &hold) };
        ask_about_conflict(db, engine, now, (newer, older), survivor).await?;
        stale::withdraw(db, engine, now, older).await?;
        if comes_last {
            // The survivor's own must end first: there is one in force on a field.
            let id = engine.clock.new_id();
            end(db, now, rival, (MERGE, id)).await?;
            go_on_as(db, now, &hold, (survivor, MERGE), id).await?;
        } else {
            end(db, now, &hold, (MERGE, rival.id)).await?;
        }
    }
    Ok(())
}

/// Gives each side of an unmerge the holds that are its own; `moved` are the source records that go to the restored record.
/// Both records are to be settled after this. What is nobody's for certain stays, and is told.
async fn follow_unmerge(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    (survivor, restored): (GoldenId, GoldenId),
    moved: &[SourceRecordId],
) -> Result<Vec<Ambiguous>> {
    let parting = Parting::read(db, engine, now, (survivor, restored), moved).await?;
    let mut ambiguous = Vec::new();
    for hold in &parting.open {
        let side = parting.side_of(hold)?;
        if side == Side::Restored {
            go_on(db, engine, now, hold, (restored, UNMERGE)).await?;
        }
        if side == Side::Unclear {
            let field = hold.kind.field(&hold.field).map_err(Error::internal)?;
            ambiguous.push(Ambiguous { field, value: value(hold)?, since: hold.held_at });
        }
        let freed = if side == Side::Restored { survivor } else { restored };
        for lost in parting.displaced_by(hold, freed, now) {
            let id = engine.clock.new_id();
            store::insert(db, going_on(lost, id, freed, now)).await?;
        }
    }
    Ok(ambiguous)
}

/// Where a hold belongs when its golden record parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Survivor,
    Restored,
    Unclear,
}

/// Two golden records that part, with all that was ever fixed of them.
struct Parting {
    restored: GoldenId,
    moved: BTreeSet<SourceRecordId>,
    merged_at: Option<DateTime<Utc>>,
    /// What holds at the survivor until now.
    open: Vec<hold::Model>,
    /// Every row of both.
    ever: Vec<hold::Model>,
    /// What the rows that took their places are known as.
    successors: BTreeMap<HoldId, HoldId>,
}

impl Parting {
    async fn read(
        db: &impl ConnectionTrait,
        engine: &Engine,
        now: DateTime<Utc>,
        (survivor, restored): (GoldenId, GoldenId),
        moved: &[SourceRecordId],
    ) -> Result<Self> {
        let open = alive(db, engine, now, &[survivor]).await?;
        let ever = store::ever(db, &[survivor, restored]).await?;
        let successors: Vec<HoldId> = ever.iter().filter_map(|it| it.replaced_by).collect();
        let successors = store::by_ids(db, &successors).await?;
        let merges = merge_operation::Entity::find().filter(merge_operation::Column::LoserId.eq(restored));
        Ok(Self {
            restored,
            moved: moved.iter().copied().collect(),
            merged_at: merges.all(db).await?.into_iter().map(|it| it.merged_at).max(),
            open,
            ever,
            successors: successors.into_iter().map(|it| (it.id, it.first_id())).collect(),
        })
    }

    /// What came with the merge goes back, what was there before it stays, what was made since follows its evidence.
    fn side_of(&self, hold: &hold::Model) -> Result<Side> {
        let was_restoreds =
            |it: &hold::Model| it.golden_id == self.restored && it.first_id() == hold.first_id();
        if self.ever.iter().any(was_restoreds) {
            return Ok(Side::Restored);
        }
        if self.merged_at.is_some_and(|it| hold.held_at < it) {
            return Ok(Side::Survivor);
        }
        let evidence: BTreeSet<SourceRecordId> =
            serde_json::from_str(&hold.evidence_records).map_err(Error::internal)?;
        Ok(match evidence.intersection(&self.moved).count() {
            0 if evidence.is_empty() => Side::Unclear,
            0 => Side::Survivor,
            all if all == evidence.len() => Side::Restored,
            _ => Side::Unclear,
        })
    }

    /// The holds of a side that a merge ended for the sake of this one.
    fn displaced_by<'a>(
        &'a self,
        hold: &'a hold::Model,
        side: GoldenId,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &'a hold::Model> {
        self.ever.iter().filter(move |it| {
            let successor = it.replaced_by.and_then(|it| self.successors.get(&it));
            let is_displaced = it.ended_by.as_deref() == Some(MERGE) && successor == Some(&hold.first_id());
            it.golden_id == side
                && is_displaced
                && it.first_id() != hold.first_id()
                && it.until.is_none_or(|end| end > now)
        })
    }
}

/// The holds in force; those whose time is over are ended first.
async fn alive(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    goldens: &[GoldenId],
) -> Result<Vec<hold::Model>> {
    let (over, alive): (Vec<_>, Vec<_>) =
        store::open(db, goldens).await?.into_iter().partition(|it| it.until.is_some_and(|end| end <= now));
    for hold in &over {
        expiry::end(db, engine, now, hold).await?;
    }
    Ok(alive)
}

/// Ends a hold at its golden record and lets it go on at another.
async fn go_on(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    hold: &hold::Model,
    to: (GoldenId, &str),
) -> Result<()> {
    go_on_as(db, now, hold, to, engine.clock.new_id()).await
}

async fn go_on_as(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    hold: &hold::Model,
    (to, why): (GoldenId, &str),
    id: HoldId,
) -> Result<()> {
    end(db, now, hold, (why, id)).await?;
    store::insert(db, going_on(hold, id, to, now)).await
}

async fn end(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    hold: &hold::Model,
    (by, successor): (&str, HoldId),
) -> Result<()> {
    store::end(db, hold.id, End { at: now, by, reason: None, replaced_by: Some(successor) }).await
}

/// The row by which a hold goes on at a golden record.
fn going_on(hold: &hold::Model, id: HoldId, at: GoldenId, now: DateTime<Utc>) -> hold::Model {
    hold::Model {
        id,
        golden_id: at,
        since: now,
        ended_at: None,
        ended_by: None,
        end_reason: None,
        continues: Some(hold.first_id()),
        replaced_by: None,
        ..hold.clone()
    }
}

/// Two people fixed the same field to different values, on records that turned out to be one.
async fn ask_about_conflict(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    (newer, older): (&hold::Model, &hold::Model),
    survivor: GoldenId,
) -> Result<()> {
    let (served, lost) = (value(newer)?, value(older)?);
    let field = newer.kind.field(&newer.field).map_err(Error::internal)?;
    if newer.hold != HoldKind::Pin || equivalence::same(field, served.as_deref(), lost.as_deref()) {
        return Ok(());
    }
    let kind = ReviewKind::FieldConflict;
    let fingerprint = format!("{kind}|{}|{}", newer.first_id(), older.first_id());
    let subject = json!({
        "field": newer.field,
        "served": told(newer, served.as_deref()),
        "lost": told(older, lost.as_deref()),
    });
    let question = Question::new(kind, newer.kind, fingerprint, subject).about([Some(survivor), None]);
    review::service::ask(db, &engine.clock, now, question).await.map(drop)
}

fn told(hold: &hold::Model, value: Option<&str>) -> Value {
    json!({ "value": value, "by": hold.held_by, "at": hold.held_at, "reason": hold.reason })
}

/// The value of a hold's own field.
fn value(hold: &hold::Model) -> Result<Option<String>> {
    let field = hold.kind.field(&hold.field).map_err(Error::internal)?;
    Ok(kept(hold)?.get(field).and_then(|it| it.value.clone()))
}
