//! Which leads a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope, masks_contact_details};
use domain::leads::LeadStage;
use entity::leads::golden_lead::{Column, Entity};
use entity::partners::partner_manager;
use sea_orm::sea_query::{Condition, Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::platform::auth::Caller;

/// The leads that lists show: those a caller sees, less the archived ones.
pub fn listed_for(caller: &Caller) -> Select<Entity> {
    visible_to(caller).filter(Column::ArchivedAt.is_null())
}

/// The leads a caller sees; those that lost a merge live on in their survivor.
pub fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => Condition::any()
            .add(Column::AssignedPartnerId.is_null())
            .add(Column::AssignedPartnerId.in_subquery(managed_by(&subject))),
        RowScope::OfPartner(partner) => Condition::all().add(Column::AssignedPartnerId.eq(partner)),
        RowScope::OfPartnerUser(partner, user) => {
            Condition::all().add(Column::AssignedPartnerId.eq(partner)).add(Column::AssignedUserId.eq(user))
        }
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(scope).filter(Column::RedirectTo.is_null())
}

/// One column of the leads a caller sees, for use in another condition.
pub fn visible_column(caller: &Caller, column: Column) -> SelectStatement {
    visible_to(caller).filter(column.is_not_null()).select_only().column(column).into_query()
}

/// The partners that a channel manager is responsible for.
pub fn managed_by(subject: &str) -> SelectStatement {
    Query::select()
        .column(partner_manager::Column::PartnerId)
        .from(partner_manager::Entity)
        .and_where(partner_manager::Column::Subject.eq(subject))
        .take()
}

/// Leads whose mail addresses and phones the caller is shown. A filter on a masked value must not find it.
pub fn with_shown_contact_details(caller: &Caller) -> Condition {
    if !masks_contact_details(&caller.roles, true) {
        return Condition::all();
    }
    let closed = LeadStage::ALL.iter().filter(|it| it.is_closed()).map(|it| it.code());
    Condition::any().add(Column::Stage.is_null()).add(Column::Stage.is_not_in(closed))
}
