//! Which offers a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope};
use entity::distribution::lead_offer::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::leads;
use crate::platform::auth::Caller;

/// The offers a caller sees: everybody at a partner the partner's, for anybody there may take a lead; channel managers those
/// to the partners they manage, and those they made.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => Condition::any()
            .add(Column::PartnerId.in_subquery(leads::access::managed_by(&subject)))
            .add(Column::OfferedBy.eq(subject)),
        RowScope::OfPartner(partner) | RowScope::OfPartnerUser(partner, _) => {
            Condition::all().add(Column::PartnerId.eq(partner))
        }
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(scope)
}
