//! The leads that the demo's partners work: given to partners that have none.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::leads::LeadStage;
use domain::partners::PartnerStatus;
use entity::leads::golden_lead;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::partners::Entered;
use crate::error::Result;
use crate::golden;
use crate::leads::service::{self as leads, Assignment};
use crate::platform::context::RequestContext;

/// Partners that work leads of the CRM: the first ones.
const PARTNERS: usize = 4;
/// Leads given to each of them.
const LEADS_EACH: usize = 12;

/// Gives the first partners leads, as far as that has not been done.
pub(super) async fn give(ctx: &RequestContext, partners: &[Entered]) -> Result<()> {
    let mut leads = open_leads(ctx, PARTNERS * LEADS_EACH).await?.into_iter();
    for partner in partners.iter().filter(|it| it.sample.status == PartnerStatus::Active).take(PARTNERS) {
        if works_leads(ctx, partner.id).await? {
            continue;
        }
        for (place, lead) in leads.by_ref().take(LEADS_EACH).enumerate() {
            // Every third lead is with the partner but with nobody there yet.
            let user = (place % 3 != 2).then_some(partner.rep);
            give_one(ctx, lead, partner.id, user).await?;
        }
    }
    Ok(())
}

async fn works_leads(ctx: &RequestContext, partner: PartnerId) -> Result<bool> {
    let leads = golden_lead::Entity::find().filter(golden_lead::Column::AssignedPartnerId.eq(partner));
    Ok(leads.count(ctx.read()).await? > 0)
}

/// The oldest leads that nobody works. Every third is one that was made of several records, so that the first query
/// has something to show.
async fn open_leads(ctx: &RequestContext, count: usize) -> Result<Vec<GoldenId>> {
    let merged = golden::service::merged(RecordKind::Lead);
    let several = oldest(ctx, golden_lead::Column::Id.in_subquery(merged.clone()), count).await?;
    let mut single =
        oldest(ctx, golden_lead::Column::Id.not_in_subquery(merged), 2 * count).await?.into_iter();
    let mixed = several.into_iter().flat_map(|it| [Some(it), single.next(), single.next()]).flatten();
    Ok(mixed.take(count).collect())
}

async fn oldest(ctx: &RequestContext, condition: SimpleExpr, count: usize) -> Result<Vec<GoldenId>> {
    use golden_lead::Column;
    let open = [LeadStage::New, LeadStage::Working].map(LeadStage::code);
    let query = golden_lead::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Stage.is_in(open))
        .filter(Column::RedirectTo.is_null())
        .filter(Column::AssignedPartnerId.is_null())
        .filter(condition)
        .order_by_asc(Column::Id)
        .limit(count as u64);
    Ok(query.into_tuple().all(ctx.read()).await?)
}

async fn give_one(
    ctx: &RequestContext,
    lead: GoldenId,
    partner: PartnerId,
    user: Option<PartnerUserId>,
) -> Result<()> {
    let assignment = Assignment { lead, version: None, partner: Some(partner), user };
    leads::assign(ctx, None, assignment).await.map(drop)
}
