//! Pins and locks as a list: what people have fixed, of which records, and until when.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use entity::golden::hold::{Column, Model};
use mastering::survivorship::holds::Kept;
use uuid::Uuid;

use super::provenance::{camel_case, shown};
use crate::error::{Error, Result};
use crate::golden::loader::RecordRef;
use crate::golden::pins::listing::{Wanted, listed};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;

/// What a person fixed of one field of a record.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HeldField {
    /// Id of the pin or lock. It keeps it when its record joins others or is taken apart, which ends it at one record and lets
    /// it go on at another.
    id: Uuid,
    /// A pin or a lock.
    hold: HoldKind,
    /// The label of that in the caller's language.
    hold_label: &'static str,
    /// What the record describes.
    record_kind: RecordKind,
    /// The record.
    record_id: ID,
    /// Name of the field, as its type names it.
    field: String,
    /// Why.
    reason: String,
    /// Subject of who fixed it.
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// From when it holds at this record.
    since: DateTime<Utc>,
    /// When it ends by itself; null for never.
    until: Option<DateTime<Utc>>,
    /// Whether it counts now.
    is_in_force: bool,
    /// When it ended at this record before its time.
    ended_at: Option<DateTime<Utc>>,
    /// Subject of who took it off, or what ended it: `TIME`, `MERGE`, `UNMERGE`.
    ended_by: Option<String>,
    /// Why a person took it off.
    end_reason: Option<String>,
    #[graphql(skip)]
    row: Model,
}

impl HeldField {
    fn of(ctx: &RequestContext, row: Model) -> Self {
        Self {
            id: row.first_id().into(),
            hold: row.hold,
            hold_label: row.hold.label(ctx.caller.language),
            record_kind: row.kind,
            record_id: RecordRef { kind: row.kind, id: row.golden_id }.global_id(),
            field: camel_case(&row.field),
            reason: row.reason.clone(),
            by: row.held_by.clone(),
            at: row.held_at,
            since: row.since,
            until: row.until,
            is_in_force: row.ended_at.is_none() && row.until.is_none_or(|it| it > ctx.now),
            ended_at: row.ended_at,
            ended_by: row.ended_by.clone(),
            end_reason: row.end_reason.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl HeldField {
    /// Label of the field in the caller's language.
    async fn label(&self, ctx: &Context<'_>) -> Result<&'static str> {
        let field = self.row.kind.field(&self.row.field).map_err(Error::internal)?;
        Ok(field.label(ctx.data_unchecked::<RequestContext>().caller.language))
    }

    /// The value that is pinned, or kept; null is empty.
    async fn value(&self) -> Result<Option<String>> {
        let field = self.row.kind.field(&self.row.field).map_err(Error::internal)?;
        let kept = Kept::from_json(self.row.kind, &self.row.kept).map_err(Error::internal)?;
        Ok(kept.get(field).and_then(|it| shown(field, it.value.as_deref())))
    }
}

/// Which pins and locks; all conditions that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct HeldFieldFilter {
    /// Pins, or locks.
    hold: Option<HoldKind>,
    /// What their records describe.
    record_kind: Option<RecordKind>,
    /// Those of this record.
    record_id: Option<ID>,
    /// Those that this subject made.
    by: Option<String>,
    /// Those that count now, or those that do not any more; both when left out.
    in_force: Option<bool>,
    /// Those that end by themselves before this instant.
    ends_before: Option<DateTime<Utc>>,
}

impl HeldFieldFilter {
    fn wanted(self) -> Result<Wanted> {
        Ok(Wanted {
            hold: self.hold,
            kind: self.record_kind,
            record: self.record_id.as_ref().map(RecordRef::parse).transpose()?,
            by: self.by,
            counts: self.in_force,
            ends_before: self.ends_before,
        })
    }
}

/// Looking through pins and locks.
#[derive(Default)]
pub struct PinQueries;

#[Object]
impl PinQueries {
    /// Pins and locks of the records that the caller sees; staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn held_fields(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which pins and locks; all when left out.")] filter: Option<HeldFieldFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<HeldField>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let query = listed(ctx, filter.unwrap_or_default().wanted()?).await?;
        let input = PageInput { first, after, last, before };
        let node = |row: Model| (row.id.into(), HeldField::of(ctx, row));
        let order = order_by.of("heldFields", Column::Id, |it: &Model| it.id.into());
        page(ctx, query, Column::Id, order, &input, node).await
    }
}
