//! Scrubbing: what sources said of a person, what people fixed of it, and what is served.
//!
//! Observations stay, with their numbers and times; only their values go. What is settled from them afterwards shows by itself
//! that something was erased, now and as of any time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use entity::golden::{observation, source_record};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Map, Value};

use super::person::Person;
use crate::error::{Error, Result};
use crate::golden::facts::{ERASED, Fact};
use crate::golden::history::told::said_by;
use crate::golden::links::Occasion;
use crate::golden::resolve::{self, Settled};
use crate::golden::service::Engine;
use crate::golden::{absorb, accounts_of_leads, changes, lead_companies, pins, redirects, served};
use crate::platform::database::{insert_rows, lists};
use crate::review;

/// Scrubs a person, in the caller's transaction, which has its turn. `by` is the subject of whoever does it.
pub async fn erase_person(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    person: &Person,
    by: &str,
) -> Result<()> {
    let occasion = Occasion { kind: person.record.kind, now };
    scrub_observations(db, person).await?;
    scrub_facts(db, occasion, person).await?;
    pins::erase(db, engine, now, person).await?;
    // Nothing is left to compare the records by: they leave the index, and what was asked about them is moot.
    let linked = absorb::compare_anew(db, engine, occasion, &person.ids(), by).await?;
    absorb::follow_references(db, occasion.kind, &linked).await?;
    scrub_at_rest(db, engine, occasion, person).await?;
    review::service::weigh(db, now).await
}

/// What was ever said.
async fn scrub_observations(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use observation::Column;
    let mut scrubbed = Vec::new();
    for list in lists(db, &person.ids()) {
        let told = observation::Entity::find().filter(list.holds(Column::SourceRecordId)).all(db).await?;
        for row in told {
            scrubbed.extend(without_person(person.record.kind, row)?.map(IntoActiveModel::into_active_model));
        }
    }
    let replace =
        OnConflict::column(Column::Sequence).update_columns([Column::Flags, Column::Changed]).to_owned();
    Ok(insert_rows::<observation::Entity, _>(db, scrubbed, Some(replace)).await?)
}

/// The observation with nothing of a person; `None` when nothing of one is in it.
fn without_person(kind: RecordKind, row: observation::Model) -> Result<Option<observation::Model>> {
    let mut changed: Map<String, Value> = serde_json::from_str(&row.changed).map_err(Error::internal)?;
    let is_personal = |name: &str| kind.field(name).is_ok_and(Field::is_personal);
    let is_scrubbed = row.flags.split(',').any(|it| it == ERASED);
    if is_scrubbed || !changed.keys().any(|it| is_personal(it)) {
        return Ok(None);
    }
    let personal = changed.iter_mut().filter(|(name, _)| is_personal(name));
    personal.for_each(|(_, value)| *value = Value::Null);
    let flags = match row.flags.as_str() {
        "" => ERASED.to_owned(),
        others => format!("{others},{ERASED}"),
    };
    Ok(Some(observation::Model { flags, changed: Value::Object(changed).to_string(), ..row }))
}

/// What is said now: what replaying the scrubbed observations gives.
async fn scrub_facts(
    db: &impl ConnectionTrait,
    Occasion { kind, now }: Occasion,
    person: &Person,
) -> Result<()> {
    use source_record::Column;
    let mut rows = Vec::new();
    for fact in person.records.iter().filter(|it: &&Fact| !it.is_erased()) {
        let mut states = (*fact.states).clone();
        let replay = said_by(db, kind, fact.row.id, now).await?.map(|it| it.0).unwrap_or_default();
        states.erase(replay.states());
        let row = source_record::Model { facts: states.to_json(), erased_at: Some(now), ..fact.row.clone() };
        rows.push(row.into_active_model());
    }
    let replace = OnConflict::column(Column::Id).update_columns([Column::Facts, Column::ErasedAt]).to_owned();
    Ok(insert_rows::<source_record::Entity, _>(db, rows, Some(replace)).await?)
}

/// What no settling touches: rows of records that lost a merge, and of those that no source has any more.
async fn scrub_at_rest(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    person: &Person,
) -> Result<()> {
    let lost = redirects::redirecting(db, occasion.kind, &person.ever_in()).await?;
    let lost: Vec<GoldenId> = lost.into_keys().collect();
    let at_rest: BTreeSet<GoldenId> = person.goldens.iter().chain(&lost).copied().collect();
    served::scrub_kind(db, occasion.kind, &at_rest.into_iter().collect::<Vec<_>>()).await?;
    let archived = archived(db, occasion.kind, person).await?;
    resolve::store_traces(db, occasion.kind, &archived).await?;
    if occasion.kind == RecordKind::Lead {
        let leads = archived.iter().map(|it| (it.id, &it.golden));
        let employers = accounts_of_leads::find(db, engine, leads).await?;
        accounts_of_leads::note(db, &employers, &BTreeSet::new(), occasion.now).await?;
        lead_companies::forget_leads(db, &lost).await?;
    }
    Ok(())
}

/// The golden records that every source has deleted, as their traces tell without the person.
async fn archived(db: &impl ConnectionTrait, kind: RecordKind, person: &Person) -> Result<Vec<Settled>> {
    let mut archived = Vec::new();
    for (id, golden) in changes::served(db, kind, &person.goldens).await? {
        if served::standing_of(db, kind, id).await?.is_some_and(|it| it.is_archived) {
            let golden = golden.erased();
            let trace = golden.to_trace();
            archived.push(Settled { id, golden, trace });
        }
    }
    Ok(archived)
}
