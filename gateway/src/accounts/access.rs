//! Which accounts a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope};
use entity::accounts::golden_account::{Column, Entity};
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::platform::auth::Caller;
use crate::{leads, opportunities};

/// The accounts that lists show: those a caller sees, less the archived ones.
pub fn listed_for(caller: &Caller) -> Select<Entity> {
    visible_to(caller).filter(Column::ArchivedAt.is_null())
}

/// The accounts a caller sees: staff all, partners those of the leads and opportunities they see.
pub fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything | RowScope::ManagedBy(_) => Condition::all(),
        RowScope::OfPartner(_) | RowScope::OfPartnerUser(..) => of_own_customers(caller, Column::Id),
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(scope).filter(Column::RedirectTo.is_null())
}

/// Rows whose column names an account of the leads and opportunities that a caller sees.
pub fn of_own_customers(caller: &Caller, account: impl ColumnTrait) -> Condition {
    let of_leads = leads::access::visible_column(caller, golden_lead::Column::AccountId);
    let of_deals = opportunities::access::visible_column(caller, golden_opportunity::Column::AccountId);
    Condition::any().add(account.in_subquery(of_leads)).add(account.in_subquery(of_deals))
}
