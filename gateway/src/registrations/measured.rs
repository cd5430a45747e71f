//! Deal registrations as KPIs count them.

use std::collections::BTreeSet;

use domain::ids::{GoldenId, PartnerId, RegistrationId};
use domain::kpis::pipeline::distribution::RegistrationFact;
use domain::kpis::window::Window;
use domain::products::ProductScope;
use domain::registrations::RegistrationStatus;
use entity::registrations::deal_registration::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::details::products;
use crate::conflicts;
use crate::error::Result;
use crate::platform::database::{among_if, lists};

/// A registration that was handed in.
#[derive(Debug, Clone)]
pub struct SubmittedRegistration {
    /// What is counted.
    pub fact: RegistrationFact,
    /// The opportunity that it became.
    pub opportunity: Option<GoldenId>,
    /// What it is about.
    pub products: ProductScope,
}

/// The registrations of these partners, or of any, that were handed in during a period.
pub async fn submitted_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<SubmittedRegistration>> {
    during(db, partners, Column::PriorityTime, period).await
}

/// Those that were decided during a period.
pub async fn decided_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<SubmittedRegistration>> {
    during(db, partners, Column::DecidedAt, period).await
}

/// Those that became one of these opportunities.
pub async fn behind(
    db: &impl ConnectionTrait,
    opportunities: &[GoldenId],
) -> Result<Vec<SubmittedRegistration>> {
    let mut rows = Vec::new();
    for list in lists(db, opportunities) {
        rows.extend(Entity::find().filter(list.holds(Column::OpportunityId)).all(db).await?);
    }
    Ok(measured(rows, &BTreeSet::new()))
}

async fn during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    at: Column,
    period: &Window,
) -> Result<Vec<SubmittedRegistration>> {
    let rows = Entity::find()
        .filter(among_if(db, Column::PartnerId, partners))
        .filter(at.gte(period.from()))
        .filter(at.lt(period.until()));
    let rows = rows.order_by_asc(Column::Id).all(db).await?;
    let ids: Vec<RegistrationId> = rows.iter().map(|it| it.id).collect();
    Ok(measured(rows, &conflicts::measured::confirmed(db, &ids).await?))
}

fn measured(rows: Vec<Model>, contested: &BTreeSet<RegistrationId>) -> Vec<SubmittedRegistration> {
    let measured = |row: Model| {
        Some(SubmittedRegistration {
            fact: RegistrationFact {
                id: row.id.into(),
                partner: row.partner_id,
                submitted_at: row.priority_time?,
                decide_by: row.decide_by,
                decided: row.decided_at.map(|at| (at, row.status != RegistrationStatus::Rejected)),
                has_conflict: contested.contains(&row.id),
            },
            opportunity: row.opportunity_id,
            products: products(&row),
        })
    };
    rows.into_iter().filter_map(measured).collect()
}
