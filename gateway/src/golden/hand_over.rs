//! What people entered while two golden records were one goes to the other side after all: a person said so.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::Field;
use domain::ids::{GoldenId, PartnerId};
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use entity::golden::observation;
use mastering::history::Replay;
use mastering::survivorship::Sighting;
use mastering::survivorship::field_states::FieldState;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};
use serde_json::json;

use super::facts::{self, Fact};
use super::history::told;
use super::links::{Linked, Occasion};
use super::loader::RecordRef;
use super::refusals::MergeRefusal;
use super::service::{Engine, Mastering};
use super::{absorb, merge, resolve};
use crate::error::Result;
use crate::platform::audit;
use crate::platform::context::RequestContext;

/// Between when something was entered: after the two records had become one, until they parted.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// When they became one.
    pub joined_at: DateTime<Utc>,
    /// When they parted.
    pub parted_at: DateTime<Utc>,
}

/// Takes what was entered in that time back from one record and notes it of the other, with its time and its supplier, in the
/// transaction of a decision. The caller has waited for their turn.
pub async fn hand_over(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    from: RecordRef,
    to: GoldenId,
    span: Span,
) -> Result<()> {
    let engine = Mastering::of(ctx).engine(txn).await?;
    let members: Vec<_> = facts::members(txn, &[from.id]).await?.into_iter().map(|it| it.1).collect();
    let mut notes = facts::by_ids(txn, &members).await?;
    notes.retain(|it| it.is_note() && it.states.iter().any(|(_, it)| it.origin.observed_at > span.joined_at));
    let entered = entered(&notes, span)?;
    let occasion = Occasion { kind: from.kind, now: ctx.now };
    take_back(txn, &engine, occasion, (&notes, from.id), span).await?;
    note(txn, &engine, occasion, &entered, to).await?;
    let detail = json!({ "to": to, "fields": entered.keys().map(|it| it.name()).collect::<Vec<_>>() });
    audit::record(txn, ctx, merge::event("golden.hand_over", from.kind, from.id, detail)).await
}

type Entered<'a> = BTreeMap<Field, &'a FieldState>;

/// What was entered in that time. What was entered since, knowing that there are two, would be lost with it.
fn entered(notes: &[Fact], span: Span) -> Result<Entered<'_>> {
    let mut entered = Entered::new();
    for (field, state) in notes.iter().flat_map(|it| it.states.iter()) {
        if state.origin.observed_at > span.parted_at {
            return Err(MergeRefusal::EnteredSince.into());
        }
        if state.origin.observed_at > span.joined_at {
            entered.insert(field, state);
        }
    }
    if entered.is_empty() { Err(MergeRefusal::EnteredSince.into()) } else { Ok(entered) }
}

async fn take_back(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    (notes, golden): (&[Fact], GoldenId),
    span: Span,
) -> Result<()> {
    let (mut news, mut settled) = (Vec::new(), Linked::default());
    for note in notes {
        let before = told::said_by(db, occasion.kind, note.row.id, span.joined_at).await?;
        let nothing = Sighting { modified_at: span.joined_at, observed_at: span.joined_at, sequence: 0 };
        let (then, last) = before.unwrap_or((Replay::default(), nothing));
        let sequence = facts::take_sequence(db, 1).await?;
        news.push(facts::taken_back(note, then, last, (sequence, occasion.now)));
        settled.goldens.insert(note.row.id, golden);
    }
    settled.affected.insert(golden);
    facts::store(db, &news).await?;
    resolve::serve(db, engine, occasion, &news, &settled).await
}

async fn note(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    entered: &Entered<'_>,
    to: GoldenId,
) -> Result<()> {
    let last =
        entered.values().map(|it| it.origin).max_by_key(|it| it.sequence).expect("something was entered");
    let observation = observation::Entity::find_by_id(last.sequence).one(db).await?;
    let supplier: Option<PartnerId> = observation.and_then(|it| it.supplied_by);
    let values: Values = entered.iter().map(|(field, it)| (*field, it.value.clone())).collect();
    let object = <&str>::from(occasion.kind).to_owned();
    let record = SourceRecord {
        key: SourceKey { system: SourceSystem::own(), object, external_id: to.to_string() },
        kind: occasion.kind,
        stamp: occasion.now,
        modified_at: last.changed_at,
        created_at: last.changed_at,
        is_deleted: false,
        merged_into: None,
        our_key: None,
        values,
    };
    let golden = RecordRef { kind: occasion.kind, id: to };
    absorb::absorb_own(db, engine, golden, (vec![record], supplier), occasion.now).await
}
