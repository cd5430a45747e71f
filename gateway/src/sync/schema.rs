//! What a source says of its objects, kept from run to run, and what changed in it.
//!
//! A field that vanished says nothing from then on: what is known of it stays. Every change is noted with what it means for
//! the mapping, so that people learn of it before somebody misses a value.

use connectors::{SchemaChange, SchemaDescription, SchemaDrift, SchemaEffect};
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use domain::sync::{DriftEffect, DriftKind};
use entity::sync::{sync_schema, sync_schema_change};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::run::{SyncFailure, SyncJob};
use crate::error::{Error, Result};
use crate::platform::database::insert_rows;

/// Reads the description again, and notes what changed since the last run.
pub(super) async fn refresh(job: &SyncJob, run: SyncRunId) -> std::result::Result<(), SyncFailure> {
    let system = job.connector.system();
    let known = known(job.database.read(), system).await?;
    let reading = job.connector.refresh_schema(&known).await?;
    if reading.description == known {
        return Ok(());
    }
    let now = job.mastering.clock.now();
    let changes = reading.changes.iter().map(|change| {
        if change.effect != SchemaEffect::Harmless {
            tracing::warn!(%system, object = change.object, field = change.field, effect = ?change.effect, "the CRM's schema changed");
        }
        let row = row(job, run, change);
        sync_schema_change::Model { seen_at: now, ..row }.into_active_model()
    });
    let changes: Vec<_> = changes.collect();
    let txn = job.database.begin_write().await.map_err(Error::from)?;
    insert_rows::<sync_schema_change::Entity, _>(&txn, changes, None).await.map_err(Error::from)?;
    let description = serde_json::to_string(&reading.description).map_err(Error::internal)?;
    let row = sync_schema::Model { system: system.clone(), description, updated_at: now };
    let replace = OnConflict::column(sync_schema::Column::System)
        .update_columns([sync_schema::Column::Description, sync_schema::Column::UpdatedAt])
        .to_owned();
    let insert = sync_schema::Entity::insert(row.into_active_model()).on_conflict(replace);
    insert.exec_without_returning(&txn).await.map_err(Error::from)?;
    Ok(txn.commit().await.map_err(Error::from)?)
}

/// The description that the last run kept; an empty one before the first, and when it cannot be read any more.
async fn known(db: &impl ConnectionTrait, system: &SourceSystem) -> Result<SchemaDescription> {
    let row = sync_schema::Entity::find_by_id(system.clone()).one(db).await?;
    Ok(row.and_then(|it| serde_json::from_str(&it.description).ok()).unwrap_or_default())
}

fn row(job: &SyncJob, run: SyncRunId, change: &SchemaChange) -> sync_schema_change::Model {
    let clock = &job.mastering.clock;
    let (drift, detail) = drift(&change.drift);
    sync_schema_change::Model {
        id: clock.new_id(),
        run_id: run,
        system: job.connector.system().clone(),
        object: change.object.clone(),
        field: change.field.clone(),
        mapped_as: change.mapped_as.join(","),
        drift,
        detail,
        effect: effect(change.effect),
        seen_at: clock.now(),
    }
}

/// Most values of a list that are told.
const MOST_VALUES: usize = 20;

fn drift(drift: &SchemaDrift) -> (DriftKind, Option<String>) {
    let values = |values: &[String]| {
        let shown = values.iter().take(MOST_VALUES).cloned().collect::<Vec<_>>().join(", ");
        Some(if values.len() > MOST_VALUES { format!("{shown}, …") } else { shown })
    };
    match drift {
        SchemaDrift::Appeared => (DriftKind::Appeared, None),
        SchemaDrift::Vanished => (DriftKind::Vanished, None),
        SchemaDrift::Retyped { from, to } => (DriftKind::Retyped, Some(format!("{from} → {to}"))),
        SchemaDrift::Writable(true) => (DriftKind::BecameWritable, None),
        SchemaDrift::Writable(false) => (DriftKind::BecameReadOnly, None),
        SchemaDrift::ValuesAdded(added) => (DriftKind::ValuesAdded, values(added)),
        SchemaDrift::ValuesRemoved(removed) => (DriftKind::ValuesRemoved, values(removed)),
    }
}

fn effect(effect: SchemaEffect) -> DriftEffect {
    match effect {
        SchemaEffect::Harmless => DriftEffect::Harmless,
        SchemaEffect::MayBeRead => DriftEffect::MayBeRead,
        SchemaEffect::BecomesAbsent => DriftEffect::BecomesAbsent,
        SchemaEffect::StopsReading => DriftEffect::StopsReading,
        SchemaEffect::ValuesMayNotFit => DriftEffect::ValuesMayNotFit,
        SchemaEffect::ValuesUnmapped => DriftEffect::ValuesUnmapped,
        SchemaEffect::WritesRefused => DriftEffect::WritesRefused,
    }
}

/// The newest changes, newest first.
pub async fn changes(
    db: &impl ConnectionTrait,
    system: Option<&str>,
    limit: u64,
) -> Result<Vec<sync_schema_change::Model>> {
    use sync_schema_change::Column;
    let mut rows = sync_schema_change::Entity::find();
    if let Some(system) = system {
        rows = rows.filter(Column::System.eq(system));
    }
    Ok(rows.order_by_desc(Column::Id).limit(limit).all(db).await?)
}
