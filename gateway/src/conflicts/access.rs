//! Which conflicts a caller sees: staff those of the partners they are responsible for. Partners see their own claims, with
//! what was decided about them, and no conflict: its parties are others.

use domain::access::{RowScope, customer_scope};
use domain::ids::ConflictId;
use entity::conflicts::{channel_conflict, conflict_party};
use sea_orm::sea_query::{Condition, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use crate::leads;
use crate::platform::auth::Caller;

/// The conflicts a caller sees.
pub(super) fn visible_to(caller: &Caller) -> Select<channel_conflict::Entity> {
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything if caller.is_staff() => Condition::all(),
        RowScope::ManagedBy(subject) => {
            let of_managed = Query::select()
                .column(conflict_party::Column::ConflictId)
                .from(conflict_party::Entity)
                .and_where(conflict_party::Column::PartnerId.in_subquery(leads::access::managed_by(&subject)))
                .take();
            Condition::all().add(channel_conflict::Column::Id.in_subquery(of_managed))
        }
        _ => Condition::all().add(Expr::value(false)),
    };
    channel_conflict::Entity::find().filter(scope)
}

/// The conflict, if the caller sees it.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: ConflictId,
) -> Result<Option<channel_conflict::Model>, DbErr> {
    visible_to(caller).filter(channel_conflict::Column::Id.eq(id)).one(db).await
}
