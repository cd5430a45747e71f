//! Which tasks a caller sees, as a condition in SQL.

use domain::access::{RowScope, customer_scope};
use domain::fields::RecordKind;
use entity::review::review_task::{Column, Entity};
use sea_orm::sea_query::{Condition, Expr, IntoCondition};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::golden::visible;
use crate::platform::auth::Caller;

/// The tasks a caller sees: a task shows values of its records, so who does not see those does not see the task.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(_) => RecordKind::ALL.iter().fold(Condition::any(), |any, &kind| {
            any.add(Column::RecordKind.eq(kind).into_condition().add(about_visible(caller, kind)))
        }),
        RowScope::OfPartner(_) | RowScope::OfPartnerUser(..) | RowScope::Nothing => {
            Condition::all().add(Expr::value(false))
        }
    };
    Entity::find().filter(scope)
}

/// Tasks that name a golden record, and of which every one they name is seen, or what it has become is.
fn about_visible(caller: &Caller, kind: RecordKind) -> Condition {
    let other = Condition::any()
        .add(Column::OtherGoldenId.is_null())
        .add(Column::OtherGoldenId.in_subquery(visible::ids_leading_to(caller, kind)));
    Condition::all().add(Column::GoldenId.in_subquery(visible::ids_leading_to(caller, kind))).add(other)
}
