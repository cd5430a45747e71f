//! How old the mirror of a record is: since when nobody has seen it in its source.
//!
//! It was seen when it was fetched by name, when it last changed here, and by every reading of its object that came to its
//! end: what had changed until that reading began is stored.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::{SourceKey, SourceSystem};
use domain::sync::LinkState;
use entity::golden::{record_link, source_record};
use entity::sync::watermark;
use futures::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Result;
use crate::platform::cache::Cache;
use crate::platform::context::RequestContext;
use crate::platform::database::among;

/// How long it is known that a record was fetched by name. Forgetting it costs one more fetch.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);

/// A record of a source, and when it was last seen there.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) key: SourceKey,
    pub(super) kind: RecordKind,
    pub(super) golden: GoldenId,
    pub(super) at: DateTime<Utc>,
}

/// The records that golden records are made of, our own notes left out, and when each was last seen.
pub(super) async fn of_members(ctx: &RequestContext, goldens: &[GoldenId]) -> Result<Vec<Seen>> {
    use source_record::Column;
    let links: Vec<(GoldenId, domain::ids::SourceRecordId)> = record_link::Entity::find()
        .select_only()
        .columns([record_link::Column::GoldenId, record_link::Column::SourceRecordId])
        .filter(record_link::Column::EndedAt.is_null())
        .filter(among(ctx.read(), record_link::Column::GoldenId, goldens.iter().copied()))
        .into_tuple()
        .all(ctx.read())
        .await?;
    let golden_of: HashMap<_, _> = links.iter().map(|(golden, record)| (*record, *golden)).collect();
    let rows = source_record::Entity::find()
        .filter(among(ctx.read(), Column::Id, golden_of.keys().copied()))
        .filter(Column::System.ne(SourceSystem::own()))
        .filter(Column::State.eq(LinkState::Live))
        .all(ctx.read())
        .await?;
    let checked = checked(ctx).await?;
    let cache = ctx.shared::<Cache>();
    let seen = rows.into_iter().map(async |row| {
        let key = SourceKey { system: row.system, object: row.object, external_id: row.external_id };
        let read = checked.get(&(key.system.clone(), key.object.clone())).copied();
        let fetched = fetched(&cache, &key).await;
        let at = [read, fetched].into_iter().flatten().fold(row.observed_at, DateTime::max);
        Seen { kind: row.kind, golden: golden_of[&row.id], at, key }
    });
    // Asked for all at once: the cache may be a network away.
    Ok(join_all(seen).await)
}

/// When the last complete reading of each object began.
async fn checked(ctx: &RequestContext) -> Result<HashMap<(SourceSystem, String), DateTime<Utc>>> {
    let rows = watermark::Entity::find().all(ctx.read()).await?;
    Ok(rows.into_iter().filter_map(|it| Some(((it.system, it.object), it.checked_at?))).collect())
}

async fn fetched(cache: &Cache, key: &SourceKey) -> Option<DateTime<Utc>> {
    cache.get(&name(key)).await.ok().flatten()?.parse().ok()
}

/// Remembers that a record was fetched. A cache that is down forgets it.
pub(super) async fn note(cache: &Cache, key: &SourceKey, at: DateTime<Utc>) {
    if let Err(error) = cache.set(&name(key), &at.to_rfc3339(), KNOWN_FOR).await {
        tracing::debug!(%error, "a record may be fetched once more");
    }
}

fn name(key: &SourceKey) -> String {
    format!("seen/{key}")
}
