//! What becomes of pins and locks when the person is erased whom they tell of.

use chrono::{DateTime, Utc};
use domain::ids::GoldenId;
use entity::golden::hold::Model;
use sea_orm::ConnectionTrait;

use super::in_force::kept;
use super::{stale, store};
use crate::error::{Error, Result};
use crate::golden::erased::Person;
use crate::golden::service::Engine;

/// What ended a hold on a field of a person that was erased.
const ERASURE: &str = "ERASURE";

/// The values of persons that were ever fixed of these golden records.
pub(in crate::golden) async fn personal_values(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<Vec<String>> {
    let mut values = Vec::new();
    for row in store::ever(db, goldens).await? {
        let kept = kept(&row)?;
        let personal = kept.iter().filter(|(field, _)| field.is_personal());
        values.extend(personal.filter_map(|(_, it)| it.value.clone()));
        if is_on_person(&row)? {
            values.extend(row.outvoted);
        }
    }
    Ok(values)
}

/// Scrubs the person out of everything that was ever fixed, and ends what is fixed of the person now.
pub(in crate::golden) async fn erase(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    person: &Person,
) -> Result<()> {
    let mut changed = Vec::new();
    for row in store::ever(db, &person.ever_in()).await? {
        let is_own = person.goldens.contains(&row.golden_id);
        if is_own && row.ended_at.is_none() && is_on_person(&row)? {
            stale::withdraw(db, engine, now, &row).await?;
        }
        let scrubbed = scrubbed(row.clone(), person, now)?;
        if scrubbed != row {
            changed.push(scrubbed);
        }
    }
    store::replace(db, changed).await
}

/// The row without the person. At golden records that somebody else stands behind now, only what came from the person goes.
fn scrubbed(row: Model, person: &Person, now: DateTime<Utc>) -> Result<Model> {
    let is_own = person.goldens.contains(&row.golden_id);
    let is_theirs = |source: Option<&domain::sources::SourceKey>| source.is_some_and(|it| person.has(it));
    let kept = kept(&row)?.without_personal(|it| is_own || is_theirs(it.source.as_deref())).to_json();
    if !is_own {
        return Ok(Model { kept, ..row });
    }
    let scrub = |text: &str| person.words.scrub(text);
    let (reason, end_reason) = (scrub(&row.reason), row.end_reason.as_deref().map(scrub));
    let row = Model { kept, reason, end_reason, ..row };
    if !is_on_person(&row)? {
        return Ok(row);
    }
    let (ended_at, ended_by) = match row.ended_at {
        None => (Some(now), Some(ERASURE.to_owned())),
        at => (at, row.ended_by),
    };
    Ok(Model { outvoted: None, ended_at, ended_by, ..row })
}

fn is_on_person(row: &Model) -> Result<bool> {
    Ok(row.kind.field(&row.field).map_err(Error::internal)?.is_personal())
}
