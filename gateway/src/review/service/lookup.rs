//! Finding tasks.

use domain::ids::{GoldenId, ReviewTaskId};
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::review::review_task::{Column, Model};
use sea_orm::sea_query::{Condition, Expr, SelectStatement};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::error::Result;
use crate::golden::served::Served;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::NodeType;
use crate::review::access;
use crate::review::subject::record_kind;

/// The task, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: ReviewTaskId) -> Result<Option<Model>> {
    let task = access::visible_to(&ctx.caller).filter(Column::Id.eq(id));
    Ok(task.one(ctx.read()).await?)
}

/// Tasks about a golden record, also those asked about records that have been merged into it since.
pub fn about(node_type: NodeType, id: GoldenId) -> Condition {
    let Some(kind) = record_kind(node_type) else { return Condition::all().add(Expr::value(false)) };
    let merged = match node_type {
        NodeType::Account => merged_into::<golden_account::Entity>(id),
        NodeType::Contact => merged_into::<golden_contact::Entity>(id),
        NodeType::Opportunity => merged_into::<golden_opportunity::Entity>(id),
        _ => merged_into::<golden_lead::Entity>(id),
    };
    let named = |column: Column| Condition::any().add(column.eq(id)).add(column.in_subquery(merged.clone()));
    Condition::all()
        .add(Column::RecordKind.eq(kind))
        .add(Condition::any().add(named(Column::GoldenId)).add(named(Column::OtherGoldenId)))
}

fn merged_into<E: Served>(survivor: GoldenId) -> SelectStatement {
    E::find().select_only().column(E::ID).filter(E::REDIRECT_TO.eq(survivor)).into_query()
}
