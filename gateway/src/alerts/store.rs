//! Alerts in SQL. What a person asks for starts from what the caller sees.

use domain::access::{RowScope, kpi_scope};
use domain::ids::{AlertId, PartnerId};
use entity::alerts::alert::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::leads::access::managed_by;
use crate::platform::auth::Caller;

/// The alerts a caller sees: administrators all, channel managers those about the partners they manage; partners none, for they
/// say what the vendor should do about a partner.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let condition = match kpi_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => {
            Condition::all().add(Column::PartnerId.in_subquery(managed_by(&subject)))
        }
        _ => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(condition)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: AlertId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).one(db).await
}

/// As [`find`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: AlertId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await
}

/// Everything that is not resolved.
pub(super) async fn unresolved(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::ResolvedAt.is_null()).order_by_asc(Column::Id).all(db).await
}

/// The alert of a rule and a partner that is not resolved.
pub(super) async fn unresolved_of(
    txn: &DatabaseTransaction,
    rule: &str,
    partner: PartnerId,
) -> Result<Option<Model>, DbErr> {
    let of = Entity::find().filter(Column::Rule.eq(rule)).filter(Column::PartnerId.eq(partner));
    of.filter(Column::ResolvedAt.is_null()).lock_exclusive().one(txn).await
}

pub(super) async fn insert(txn: &DatabaseTransaction, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(txn).await
}

pub(super) async fn replace(txn: &DatabaseTransaction, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(txn).await
}
