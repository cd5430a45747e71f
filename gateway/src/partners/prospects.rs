//! How promising prospective partners are: ratings by people, and the score that follows from them with its reasons.

use std::collections::BTreeMap;

use domain::access::Permission;
use domain::ids::PartnerId;
use domain::kpis::relationship::selection::{Criterion, Rating};
use domain::partners::prospects::{Assessment, assess, compare};
use domain::partners::{PartnerStatus, prospects};
use entity::partners::{partner, prospect_rating};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{guards, service, store};
use crate::error::{Error, NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::among;

/// Rates a partner by some criteria; others stay as they are. Doing it again changes nothing but who did.
pub async fn rate(
    ctx: &RequestContext,
    partner: PartnerId,
    ratings: &BTreeMap<Criterion, Rating>,
) -> Result<()> {
    ctx.caller.require(Permission::RateProspects)?;
    let txn = ctx.begin().await?;
    service::find_in(&txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
    guards::require_own_set(&txn, ctx, partner).await?;
    for (&criterion, rating) in ratings {
        let row = prospect_rating::Model {
            partner_id: partner,
            criterion,
            rating: rating.number().into(),
            rated_at: ctx.now,
            rated_by: ctx.caller.subject.clone(),
        };
        use prospect_rating::Column;
        let mut newer = OnConflict::columns([Column::PartnerId, Column::Criterion]);
        newer.update_columns([Column::Rating, Column::RatedAt, Column::RatedBy]);
        let insert = prospect_rating::Entity::insert(row.into_active_model()).on_conflict(newer);
        insert.exec_without_returning(&txn).await?;
    }
    let numbers: BTreeMap<_, _> = ratings.iter().map(|(criterion, it)| (criterion, it.number())).collect();
    let (target_kind, target_id) = ("Partner", partner.into());
    let event = AuditEvent { action: "partners.rate", target_kind, target_id, detail: json!(numbers) };
    audit::record(&txn, ctx, event).await?;
    Ok(txn.commit().await?)
}

/// The assessments of partners, in the order asked.
pub async fn assessments(db: &impl ConnectionTrait, partners: &[PartnerId]) -> Result<Vec<Assessment>> {
    use prospect_rating::{Column, Entity};
    let query = Entity::find().filter(among(db, Column::PartnerId, partners.iter().copied()));
    let mut ratings: BTreeMap<PartnerId, BTreeMap<Criterion, Rating>> = BTreeMap::new();
    for row in query.all(db).await? {
        let number = u8::try_from(row.rating).map_err(Error::internal)?;
        let rating = Rating::try_from(number).map_err(Error::internal)?;
        ratings.entry(row.partner_id).or_default().insert(row.criterion, rating);
    }
    Ok(partners.iter().map(|it| assess(*it, &ratings.remove(it).unwrap_or_default())).collect())
}

/// Those who may become partners, the most promising first.
pub async fn ranking(ctx: &RequestContext) -> Result<Vec<(partner::Model, Assessment)>> {
    ctx.caller.require(Permission::ReadProspectRatings)?;
    let candidates = [PartnerStatus::Prospect, PartnerStatus::Applicant];
    let query = store::visible_to(&ctx.caller).filter(partner::Column::Status.is_in(candidates));
    let rows = query.all(ctx.read()).await?;
    let mut assessments = assessments(ctx.read(), &rows.iter().map(|it| it.id).collect::<Vec<_>>()).await?;
    compare(&mut assessments);
    let mut rows: BTreeMap<PartnerId, partner::Model> = rows.into_iter().map(|it| (it.id, it)).collect();
    Ok(assessments.into_iter().filter_map(|it| Some((rows.remove(&it.partner)?, it))).collect())
}

/// What a score is, rounded for showing; `None` when nothing is rated.
pub fn score(assessment: &prospects::Assessment) -> Option<rust_decimal::Decimal> {
    assessment.score.value.ok().map(|it| it.rounded(2).normalize())
}
