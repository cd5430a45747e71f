//! What changed in the CRMs' schemas.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::sync::{DriftEffect, DriftKind};
use entity::sync::sync_schema_change::Model;
use uuid::Uuid;

use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::sync::schema;

/// A field of a CRM that changed.
#[derive(SimpleObject)]
pub struct SchemaChange {
    /// Id of the change.
    id: Uuid,
    /// The run that noticed it.
    run_id: Uuid,
    /// The source, by its code.
    system: String,
    /// The source's own name of the object.
    object: String,
    /// The source's own name of the field.
    field: String,
    /// What the mapping makes of it, such as `lead.title`; empty when nobody reads it.
    mapped_as: Vec<String>,
    /// What changed.
    change: DriftKind,
    /// Types or values, where they tell more.
    detail: Option<String>,
    /// What it means for the mapping.
    effect: DriftEffect,
    /// That in words, in the caller's language.
    effect_label: &'static str,
    /// When it was noticed.
    seen_at: DateTime<Utc>,
}

impl SchemaChange {
    fn new(ctx: &RequestContext, row: Model) -> Self {
        let mapped_as = row.mapped_as.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        Self {
            id: row.id.into(),
            run_id: row.run_id.into(),
            system: row.system.into(),
            object: row.object,
            field: row.field,
            mapped_as,
            change: row.drift,
            detail: row.detail,
            effect: row.effect,
            effect_label: row.effect.label(ctx.caller.language),
            seen_at: row.seen_at,
        }
    }
}

/// Reading what changed in schemas.
#[derive(Default)]
pub struct SchemaChangeQueries;

#[Object]
impl SchemaChangeQueries {
    /// What changed in the CRMs' schemas, and what it means for the mapping, newest first; staff only.
    #[graphql(complexity = "first.clamp(1, 200) as usize * child_complexity")]
    async fn schema_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, desc = "How many, at most 200.")] first: i32,
        #[graphql(desc = "Only of this source, by its code.")] system: Option<String>,
    ) -> Result<Vec<SchemaChange>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let limit = first.clamp(0, 200).unsigned_abs().into();
        let rows = schema::changes(ctx.read(), system.as_deref(), limit).await?;
        Ok(rows.into_iter().map(|row| SchemaChange::new(ctx, row)).collect())
    }
}
