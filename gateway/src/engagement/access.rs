//! Which events a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope};
use entity::engagement::engagement_event::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::leads;
use crate::platform::auth::Caller;

/// The events a caller sees: channel managers those of the partners they manage, administrators of a partner the
/// partner's, representatives their own.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => {
            Condition::all().add(Column::PartnerId.in_subquery(leads::access::managed_by(&subject)))
        }
        RowScope::OfPartner(partner) => Condition::all().add(Column::PartnerId.eq(partner)),
        RowScope::OfPartnerUser(partner, user) => {
            Condition::all().add(Column::PartnerId.eq(partner)).add(Column::UserId.eq(user))
        }
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(scope)
}
