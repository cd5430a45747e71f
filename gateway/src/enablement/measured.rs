//! Assignments as KPIs count them.

use chrono::{DateTime, Utc};
use domain::ids::{AssignmentId, PartnerId};
use domain::kpis::engagement::consumption::AssignmentFact;
use domain::kpis::window::Window;
use entity::enablement::support_assignment::{Column, Entity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::platform::database::among_if;

/// What these partners, or any, had been given before the end of a period, and neither consumed nor lost before it began.
pub async fn open_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<AssignmentFact>> {
    type Instant = Option<DateTime<Utc>>;
    type Row = (AssignmentId, PartnerId, DateTime<Utc>, Instant, Instant, Instant);
    let not_before = |ended: Column| Condition::any().add(ended.is_null()).add(ended.gte(period.from()));
    let open = Entity::find()
        .filter(among_if(db, Column::PartnerId, partners))
        .filter(Column::AssignedAt.lt(period.until()))
        .filter(not_before(Column::ConsumedAt))
        .filter(not_before(Column::CancelledAt));
    let columns = [Column::Id, Column::PartnerId, Column::AssignedAt];
    let ends = [Column::DueAt, Column::ConsumedAt, Column::CancelledAt];
    let rows = open.order_by_asc(Column::Id).select_only().columns(columns).columns(ends);
    let fact = |(id, partner, assigned_at, due_at, consumed_at, cancelled_at): Row| AssignmentFact {
        id: id.into(),
        partner,
        assigned_at,
        due_at,
        consumed_at,
        cancelled_at,
    };
    Ok(rows.into_tuple().all(db).await?.into_iter().map(fact).collect())
}
