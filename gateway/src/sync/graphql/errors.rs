//! The error log: entries, filters, orders.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::sources::SourceKey;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use entity::sync::sync_error::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{EntityTrait, QueryFilter};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{OfField as _, Result};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::sync::failures::which::Which;
use crate::sync::loader::GoldenOf;

/// A logged failure of one record.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct SyncError {
    /// Id of the entry.
    id: Uuid,
    /// The run that saw it last.
    run_id: Uuid,
    /// Which way the record was going.
    direction: SyncDirection,
    /// The source.
    system: String,
    /// The source's name for the kind of record.
    object: String,
    /// The source's id for the record; empty when it could not be identified.
    external_id: String,
    /// What kind of failure it is.
    category: SyncErrorCategory,
    /// Label of that in the caller's language.
    category_label: &'static str,
    /// Stable code of the failure; the source's own where it gave one.
    code: Option<String>,
    /// What is wrong and what to do.
    message: String,
    /// What the source itself said.
    source_message: Option<String>,
    /// The record as it came, by the source's names. Whatever may be about a person is masked: only its length shows.
    payload: Option<Json<Value>>,
    /// Whether the record is tried again by itself. Records that only a person can mend are not, until somebody asks.
    is_retryable: bool,
    /// How often it has failed.
    attempts: i32,
    /// When it first failed.
    first_seen_at: DateTime<Utc>,
    /// When it last failed, or was resolved.
    last_seen_at: DateTime<Utc>,
    /// When it is tried again; null when it is not.
    next_attempt_at: Option<DateTime<Utc>>,
    /// Where the entry stands.
    state: SyncErrorState,
    /// Why it is ignored.
    reason: Option<String>,
    /// Who last asked for another attempt, or ignored it.
    decided_by: Option<String>,
    /// When that was.
    decided_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: Model,
}

impl SyncError {
    pub(super) fn new(ctx: &RequestContext, row: Model) -> Self {
        Self {
            id: row.id.into(),
            run_id: row.run_id.into(),
            direction: row.direction,
            system: row.system.to_string(),
            object: row.object.clone(),
            external_id: row.external_id.clone(),
            category: row.category,
            category_label: row.category.label(ctx.caller.language),
            code: row.code.clone(),
            message: row.message.clone(),
            source_message: row.source_message.clone(),
            payload: row.payload.as_deref().and_then(|it| serde_json::from_str(it).ok()).map(Json),
            is_retryable: row.is_retryable,
            attempts: row.attempts,
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            next_attempt_at: row.next_attempt_at,
            state: row.state,
            reason: row.reason.clone(),
            decided_by: row.decided_by.clone(),
            decided_at: row.decided_at,
            row,
        }
    }
}

#[ComplexObject]
impl SyncError {
    /// Global id of the golden record that the record belongs to; null when it never arrived.
    async fn golden_id(&self, ctx: &Context<'_>) -> Result<Option<ID>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let key = SourceKey {
            system: self.row.system.clone(),
            object: self.row.object.clone(),
            external_id: self.row.external_id.clone(),
        };
        Ok(ctx.batch::<GoldenOf>().get(ctx, key).await?.map(RecordRef::global_id))
    }
}

/// Which entries of the error log; all conditions that are given must hold, and of a list any member.
#[derive(Debug, Default, InputObject, Serialize)]
pub struct SyncErrorFilter {
    /// Of these sources, by their codes.
    system: Option<Vec<String>>,
    /// Of these objects, by the sources' own names.
    object: Option<Vec<String>>,
    /// Going that way.
    direction: Option<SyncDirection>,
    /// Of these kinds.
    category: Option<Vec<SyncErrorCategory>>,
    /// In these states; what is still to be done, `OPEN` and `RETRYING`, when left out.
    state: Option<Vec<SyncErrorState>>,
    /// These records, by the source's own ids; 15 characters of a Salesforce id are enough.
    external_id: Option<Vec<String>>,
    /// About this golden record, by its global id.
    golden_id: Option<ID>,
    /// Last seen by this run.
    run_id: Option<Uuid>,
}

impl SyncErrorFilter {
    pub(super) fn which(self) -> Result<Which> {
        let systems = self.system.unwrap_or_default();
        Ok(Which {
            ids: Vec::new(),
            systems: systems.iter().filter_map(|it| it.parse().ok()).collect(),
            objects: self.object.unwrap_or_default(),
            direction: self.direction,
            categories: self.category.unwrap_or_default(),
            states: self.state.unwrap_or_default(),
            external_ids: self.external_id.unwrap_or_default(),
            golden: self
                .golden_id
                .as_ref()
                .map(RecordRef::parse)
                .transpose()
                .of_field("goldenId")?
                .map(|it| it.id),
            run: self.run_id.map(Into::into),
        })
    }
}

/// Orders of the error log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum SyncErrorOrder {
    /// Failed last first.
    #[default]
    LastSeenDesc,
    /// Waiting longest first.
    FirstSeenAsc,
    /// Tried most often first.
    AttemptsDesc,
}

impl SortKey<Model> for SyncErrorOrder {
    fn name(self) -> String {
        format!("syncErrors/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::LastSeenDesc => Expr::col(Column::LastSeenAt),
            Self::FirstSeenAsc => Expr::col(Column::FirstSeenAt),
            Self::AttemptsDesc => Expr::col(Column::Attempts),
        }
    }

    fn is_ascending(self) -> bool {
        self == Self::FirstSeenAsc
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::LastSeenDesc => SortValue::Instant(row.last_seen_at),
            Self::FirstSeenAsc => SortValue::Instant(row.first_seen_at),
            Self::AttemptsDesc => SortValue::Integer(row.attempts.into()),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::LastSeenDesc | Self::FirstSeenAsc => SortValue::Instant(DateTime::UNIX_EPOCH),
            Self::AttemptsDesc => SortValue::Integer(0),
        }
    }
}

/// Reading the error log.
#[derive(Default)]
pub struct SyncErrorQueries;

#[Object]
impl SyncErrorQueries {
    /// The error log, page by page: records that could not be taken in or written back. Staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn sync_errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which entries; all that are still to be done when left out.")] filter: Option<
            SyncErrorFilter,
        >,
        #[graphql(default, desc = "In which order.")] order_by: SyncErrorOrder,
    ) -> Result<Page<SyncError>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadSync)?;
        let query = Entity::find().filter(filter.unwrap_or_default().which()?.condition());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order_by, &input, |row| (row.id.into(), SyncError::new(ctx, row))).await
    }
}
