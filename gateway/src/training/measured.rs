//! Enrolments as KPIs count them.
//!
//! Lists of partners may be left out, which means all.

use chrono::{DateTime, Utc};
use domain::ids::PartnerId;
use domain::kpis::engagement::training::EnrolmentFact;
use domain::kpis::window::Window;
use domain::training::EnrolmentStatus;
use entity::training::enrolment::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::platform::database::among_if;

/// The mandatory enrolments that were due in a period.
pub async fn due_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<EnrolmentFact>> {
    let due = Entity::find()
        .filter(among_if(db, Column::PartnerId, partners))
        .filter(Column::IsMandatory.eq(true))
        .filter(Column::DueAt.gte(period.from()))
        .filter(Column::DueAt.lt(period.until()));
    Ok(due.order_by_asc(Column::Id).all(db).await?.into_iter().map(fact).collect())
}

/// When people of partners completed a course, in a period.
pub async fn completions(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<(PartnerId, DateTime<Utc>)>> {
    let completed = Entity::find()
        .filter(among_if(db, Column::PartnerId, partners))
        .filter(Column::CompletedAt.gte(period.from()))
        .filter(Column::CompletedAt.lt(period.until()));
    let completed = completed.select_only().columns([Column::PartnerId, Column::CompletedAt]);
    Ok(completed.order_by_asc(Column::Id).into_tuple().all(db).await?)
}

fn fact(row: Model) -> EnrolmentFact {
    EnrolmentFact {
        id: row.id.into(),
        partner: row.partner_id,
        is_mandatory: row.is_mandatory,
        due_at: row.due_at,
        completed_at: row.completed_at,
        is_waived: row.status == EnrolmentStatus::Waived,
        is_cancelled: row.status == EnrolmentStatus::Cancelled,
    }
}
