//! Finding tasks, and the records they are about.

use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, ReviewTaskId};
use domain::review::ReviewState;
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::review::review_task::{Column, Model};
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::error::Result;
use crate::golden::loader::RecordRef;
use crate::golden::served::Served;
use crate::platform::context::RequestContext;
use crate::review::access;

/// The task, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: ReviewTaskId) -> Result<Option<Model>> {
    let task = access::visible_to(&ctx.caller).filter(Column::Id.eq(id));
    Ok(task.one(ctx.read()).await?)
}

/// The tasks that wait for people, longest waiting first.
pub async fn waiting(ctx: &RequestContext, limit: u64) -> Result<Vec<Model>> {
    ctx.caller.require(Permission::ReadReviews)?;
    let tasks = access::visible_to(&ctx.caller).filter(Column::State.is_in(ReviewState::WAITING));
    Ok(tasks.order_by_asc(Column::Id).limit(limit).all(ctx.read()).await?)
}

/// Tasks about a golden record, also those asked about records that have been merged into it since.
pub fn about(record: RecordRef) -> Condition {
    let merged = match record.kind {
        RecordKind::Account => merged_into::<golden_account::Entity>(record.id),
        RecordKind::Contact => merged_into::<golden_contact::Entity>(record.id),
        RecordKind::Lead => merged_into::<golden_lead::Entity>(record.id),
        RecordKind::Opportunity => merged_into::<golden_opportunity::Entity>(record.id),
    };
    let named =
        |column: Column| Condition::any().add(column.eq(record.id)).add(column.in_subquery(merged.clone()));
    Condition::all()
        .add(Column::RecordKind.eq(record.kind))
        .add(Condition::any().add(named(Column::GoldenId)).add(named(Column::OtherGoldenId)))
}

fn merged_into<E: Served>(survivor: GoldenId) -> SelectStatement {
    E::find().select_only().column(E::ID).filter(E::REDIRECT_TO.eq(survivor)).into_query()
}
