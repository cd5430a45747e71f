//! The audit log in the API; for administrators. Entries are never changed.

use async_graphql::{Context, InputObject, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use entity::platform::audit_event::{Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;

/// One thing that somebody did.
#[derive(SimpleObject)]
pub struct AuditEntry {
    /// Its id.
    id: Uuid,
    /// When.
    at: DateTime<Utc>,
    /// Who: the subject of the token, the name of a job, or `operator` at the command line.
    subject: String,
    /// What was done, such as `leads.assign`.
    action: String,
    /// The kind of record that it was done to.
    target_kind: String,
    /// The record; its plain id, not the global one.
    target_id: Uuid,
    /// Ids and codes that tell more; nothing of persons.
    detail: Json<Value>,
    /// The request, as answers and logs name it.
    request_id: Option<String>,
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            at: row.at,
            subject: row.subject,
            action: row.action,
            target_kind: row.target_kind,
            target_id: row.target_id,
            detail: Json(serde_json::from_str(&row.detail).unwrap_or_default()),
            request_id: row.request_id,
        }
    }
}

/// Which entries; all conditions must hold.
#[derive(Debug, Default, InputObject)]
pub struct AuditEntryFilter {
    /// Of this subject.
    subject: Option<String>,
    /// This was done, such as `leads.assign`.
    action: Option<String>,
    /// It was done to this record.
    target_id: Option<Uuid>,
    /// In this request.
    request_id: Option<String>,
    /// At this instant or later.
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    until: Option<DateTime<Utc>>,
}

impl AuditEntryFilter {
    fn condition(self) -> Condition {
        let is = |column: Column, text: Option<String>| text.map(|it| Condition::all().add(column.eq(it)));
        all_of([
            is(Column::Subject, self.subject),
            is(Column::Action, self.action),
            is(Column::RequestId, self.request_id),
            self.target_id.map(|it| Condition::all().add(Column::TargetId.eq(it))),
            self.from.map(|it| Condition::all().add(Column::At.gte(it))),
            self.until.map(|it| Condition::all().add(Column::At.lt(it))),
        ])
    }
}

/// Reading the audit log.
#[derive(Default)]
pub struct AuditQueries;

#[Object]
impl AuditQueries {
    /// Who changed what, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which entries; all when left out.")] filter: Option<AuditEntryFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<AuditEntry>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadAuditLog)?;
        let query = Entity::find().filter(filter.unwrap_or_default().condition());
        let order = order_by.of("auditEntries", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }
}
