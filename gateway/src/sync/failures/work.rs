//! What people do about failures: have them tried again, or ignore them with a reason.
//!
//! Both may be repeated without harm, say what they would do when asked to, and are written down in the audit log.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::review::Reason;
use domain::sync::{SyncErrorCategory, SyncErrorState};
use entity::platform::audit_event;
use entity::sync::sync_error::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::which::Which;
use crate::error::{Refusal, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::{List, lists};
use crate::platform::idempotency::Once;
use crate::sync::service::own_systems;

/// Most entries that are changed at once.
pub const MOST_AT_ONCE: u64 = 10_000;
/// What the audit log calls the entries of one change together.
const BATCH: &str = "sync_error_batch";

/// What to do about some entries.
#[derive(Debug, Clone, Serialize)]
pub enum Deed {
    /// Try them again as soon as possible, also those that are not tried by themselves.
    Retry,
    /// Ignore them.
    Ignore(Reason),
}

/// Something to be done about some entries.
#[derive(Debug, Clone, Serialize)]
pub struct Order {
    /// Which.
    pub which: Which,
    /// What.
    pub deed: Deed,
    /// Only say what would be done.
    pub is_dry_run: bool,
}

/// What was done, or would be.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// How many entries.
    pub count: u64,
    /// How many of each kind.
    pub by_category: BTreeMap<SyncErrorCategory, u64>,
    /// The first of them, oldest first, as they are now.
    pub first: Vec<Model>,
}

/// Why nothing is done.
#[derive(Debug, Clone, Copy, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkRefusal {
    /// Neither ids nor a filter.
    #[error("name entries by `ids`, or describe them by a `filter`; an empty filter would mean all of them")]
    NothingNamed,
    /// Too many.
    #[error("more than {MOST_AT_ONCE} entries meet this filter; narrow it and go in several steps")]
    TooManySyncErrors,
}

impl Refusal for WorkRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

impl Deed {
    fn action(&self) -> &'static str {
        match self {
            Self::Retry => "sync.retry_errors",
            Self::Ignore(_) => "sync.ignore_errors",
        }
    }

    /// Entries to which it can be done: what is resolved is resolved, and what is ignored is not ignored again.
    fn applies(&self) -> Condition {
        let refused = match self {
            Self::Retry => vec![SyncErrorState::Resolved],
            Self::Ignore(_) => vec![SyncErrorState::Resolved, SyncErrorState::Ignored],
        };
        Condition::all().add(Column::State.is_not_in(refused)).add(match self {
            // What could not be identified cannot be asked for.
            Self::Retry => Column::ExternalId.ne(""),
            Self::Ignore(_) => Column::Id.is_not_null(),
        })
    }
}

/// Does something about entries. Under an idempotency key a retry gives what was done at first.
pub async fn work(ctx: &RequestContext, key: Option<&str>, order: Order) -> Result<Done> {
    ctx.caller.require(Permission::ManageSync)?;
    let once = Once::new(key, order.deed.action(), &order)?;
    let condition = order.which.condition().add(order.deed.applies()).add(own_systems(ctx, Column::System));
    if order.is_dry_run {
        return select(ctx.read(), condition).await.map(|(_, done)| done);
    }
    let txn = ctx.begin().await?;
    if let Some(batch) = once.earlier::<Uuid>(&txn, ctx).await? {
        return earlier(&txn, batch).await;
    }
    let (ids, mut done) = select(&txn, condition).await?;
    for list in lists(&txn, &ids) {
        change(&txn, ctx, &order.deed, list).await?;
    }
    let batch: Uuid = ctx.clock.new_id();
    audit::record(&txn, ctx, event(batch, &order, &done)).await?;
    once.remember(&txn, ctx, batch).await?;
    let shown: Vec<_> = done.first.iter().map(|it| it.id).collect();
    done.first = Entity::find().filter(Column::Id.is_in(shown)).order_by_asc(Column::Id).all(&txn).await?;
    txn.commit().await?;
    Ok(done)
}

/// Entries shown of a change.
const SHOWN: usize = 50;

async fn select(db: &impl ConnectionTrait, condition: Condition) -> Result<(Vec<Uuid>, Done)> {
    let rows: Vec<(Uuid, SyncErrorCategory)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Category])
        .filter(condition)
        .order_by_asc(Column::Id)
        .limit(MOST_AT_ONCE + 1)
        .into_tuple()
        .all(db)
        .await?;
    if rows.len() as u64 > MOST_AT_ONCE {
        return Err(WorkRefusal::TooManySyncErrors.into());
    }
    let mut done = Done { count: rows.len() as u64, ..Done::default() };
    rows.iter().for_each(|it| *done.by_category.entry(it.1).or_default() += 1);
    let ids: Vec<Uuid> = rows.into_iter().map(|it| it.0).collect();
    let shown = Entity::find().filter(Column::Id.is_in(ids.iter().copied().take(SHOWN)));
    done.first = shown.order_by_asc(Column::Id).all(db).await?;
    Ok((ids, done))
}

async fn change(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    deed: &Deed,
    ids: List<'_, Uuid>,
) -> Result<()> {
    let (state, next, reason) = match deed {
        Deed::Retry => (SyncErrorState::Retrying, Some(ctx.now), None),
        Deed::Ignore(reason) => (SyncErrorState::Ignored, None::<DateTime<Utc>>, Some(reason.as_str())),
    };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::Reason, Expr::value(reason))
        .col_expr(Column::DecidedBy, Expr::value(ctx.caller.subject.as_str()))
        .col_expr(Column::DecidedAt, Expr::value(ctx.now))
        .filter(ids.holds(Column::Id))
        .exec(db)
        .await?;
    Ok(())
}

fn event(batch: Uuid, order: &Order, done: &Done) -> AuditEvent {
    let by_category: BTreeMap<&str, u64> = done.by_category.iter().map(|(it, n)| (it.code(), *n)).collect();
    let detail = json!({ "count": done.count, "byCategory": by_category, "which": order.which });
    AuditEvent { action: order.deed.action(), target_kind: BATCH, target_id: batch, detail }
}

/// What an earlier request with the same key did, by the audit log.
async fn earlier(db: &impl ConnectionTrait, batch: Uuid) -> Result<Done> {
    let event = audit_event::Entity::find()
        .filter(audit_event::Column::TargetKind.eq(BATCH))
        .filter(audit_event::Column::TargetId.eq(batch))
        .one(db)
        .await?;
    let detail = event.and_then(|it| serde_json::from_str::<Value>(&it.detail).ok()).unwrap_or_default();
    let by_category = detail["byCategory"].as_object().into_iter().flatten();
    let count_of = |(code, count): (&String, &Value)| Some((code.parse().ok()?, count.as_u64()?));
    Ok(Done {
        count: detail["count"].as_u64().unwrap_or_default(),
        by_category: by_category.filter_map(count_of).collect(),
        first: Vec::new(),
    })
}
