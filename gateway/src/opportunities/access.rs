//! Which opportunities a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope};
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::leads;
use crate::platform::auth::Caller;

/// The opportunities that lists show: those a caller sees, less the archived ones.
pub fn listed_for(caller: &Caller) -> Select<Entity> {
    visible_to(caller).filter(Column::ArchivedAt.is_null())
}

/// The opportunities a caller sees: a partner those it sourced and those its leads became.
pub fn visible_to(caller: &Caller) -> Select<Entity> {
    let from_leads = || leads::access::visible_column(caller, golden_lead::Column::OpportunityId);
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => Condition::any()
            .add(Column::SourcingPartnerId.is_null())
            .add(Column::SourcingPartnerId.in_subquery(leads::access::managed_by(&subject)))
            .add(Column::Id.in_subquery(from_leads())),
        RowScope::OfPartner(partner) => Condition::any()
            .add(Column::SourcingPartnerId.eq(partner))
            .add(Column::Id.in_subquery(from_leads())),
        RowScope::OfPartnerUser(..) => Condition::all().add(Column::Id.in_subquery(from_leads())),
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(scope).filter(Column::RedirectTo.is_null())
}

/// One column of the opportunities a caller sees, for use in another condition.
pub fn visible_column(caller: &Caller, column: Column) -> SelectStatement {
    visible_to(caller).filter(column.is_not_null()).select_only().column(column).into_query()
}
