//! Notes of ours that go back to the golden record they came from: what people entered while they were elsewhere was never
//! said of that record, and is taken back.
//!
//! Nothing is written over: an observation says up to which earlier one the note counts again, so that the values, their
//! times and who supplied them are what they were, and every replay comes to the same.

use chrono::{DateTime, Utc};
use domain::ids::GoldenId;
use sea_orm::ConnectionTrait;

use super::facts::{self, Fact};
use super::history::told;
use super::links::{Linked, Occasion};
use super::resolve;
use super::service::Engine;
use super::stays::{self, Stay};
use crate::error::Result;

/// Takes back what notes said away from the golden records to which they have gone back.
pub(super) async fn take_back(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    members: &[Fact],
    linked: &Linked,
) -> Result<()> {
    let goes_back = |it: &&Fact| it.is_note() && it.golden != linked.goldens.get(&it.row.id).copied();
    let notes: Vec<&Fact> = members.iter().filter(goes_back).collect();
    let stays = stays::of(db, &notes.iter().map(|it| it.row.id).collect::<Vec<_>>()).await?;
    let (mut news, mut settled) = (Vec::new(), Linked::default());
    for note in notes {
        let id = note.row.id;
        let golden = linked.goldens[&id];
        let Some(left_at) = stays.get(&id).and_then(|it| left_at(it, golden)) else { continue };
        if note.states.iter().all(|(_, it)| it.origin.observed_at <= left_at) {
            continue;
        }
        let Some((then, last)) = told::said_by(db, occasion.kind, id, left_at).await? else { continue };
        let sequence = facts::take_sequence(db, 1).await?;
        news.push(facts::taken_back(note, then, last, (sequence, occasion.now)));
        settled.goldens.insert(id, golden);
        settled.affected.insert(golden);
    }
    facts::store(db, &news).await?;
    resolve::serve(db, engine, occasion, &news, &settled).await
}

/// When a record that is at a golden record again had left it.
fn left_at(stays: &[Stay], golden: GoldenId) -> Option<DateTime<Utc>> {
    let (_, before) = stays.split_last()?;
    let home = before.iter().rposition(|it| it.0 == golden)?;
    Some(before.get(home + 1)?.1)
}
