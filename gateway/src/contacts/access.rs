//! Which contacts a caller sees, as queries to build on.

use domain::access::{Permission, RowScope, customer_scope};
use entity::contacts::golden_contact::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::accounts;
use crate::platform::auth::Caller;

/// The contacts that lists show.
pub fn listed_for(caller: &Caller) -> Select<Entity> {
    visible_to(caller).filter(Column::ArchivedAt.is_null())
}

/// The contacts a caller sees: staff all, a channel manager those at the accounts of its own set, partners none.
pub fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        _ if !caller.may(Permission::ReadContacts) => Condition::all().add(Expr::value(false)),
        RowScope::Everything => Condition::all(),
        _ => accounts::access::of_own_customers(caller, Column::AccountId),
    };
    Entity::find().filter(scope).filter(Column::RedirectTo.is_null())
}
