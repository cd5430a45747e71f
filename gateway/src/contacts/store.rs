//! Contacts in SQL. Every query starts from what the caller sees.

use domain::access::{Permission, RowScope, customer_scope};
use domain::ids::GoldenId;
use entity::contacts::golden_contact::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use crate::accounts;
use crate::golden::served;
use crate::platform::auth::Caller;

/// The contacts that lists show.
pub(super) fn listed_for(caller: &Caller) -> Select<Entity> {
    visible_to(caller).filter(Column::ArchivedAt.is_null())
}

/// The contacts a caller sees: staff all, a channel manager those at the accounts of its own set, partners none.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        _ if !caller.may(Permission::ReadContacts) => Condition::all().add(Expr::value(false)),
        RowScope::Everything => Condition::all(),
        _ => accounts::access::of_own_customers(caller, Column::AccountId),
    };
    Entity::find().filter(scope).filter(Column::RedirectTo.is_null())
}

/// The contact of that id; an id that lost a merge gives its survivor.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: GoldenId,
) -> Result<Option<Model>, DbErr> {
    served::find(db, visible_to(caller), id).await
}
