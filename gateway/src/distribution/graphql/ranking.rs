//! The ranking behind an offer, as staff see it.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use domain::distribution::{Excluded, Exclusion, Ranked, Ranking, RankingKey};
use domain::ids::PartnerId;
use entity::distribution::offer_ranking;

use crate::error::{Error, Result};
use crate::partners;
use crate::partners::graphql::Partner;
use crate::platform::context::RequestContext;

/// The order of all partners for a lead, and who was left out.
#[derive(SimpleObject)]
pub struct LeadRanking {
    /// The version of the policy that decided.
    policy: String,
    /// Id of that version; null where the configuration spoke.
    policy_version_id: Option<ID>,
    /// Who may be offered the lead, the best first.
    ranked: Vec<RankedPartner>,
    /// Who was left out.
    excluded: Vec<ExcludedPartner>,
}

impl TryFrom<offer_ranking::Model> for LeadRanking {
    type Error = Error;

    fn try_from(row: offer_ranking::Model) -> Result<Self> {
        let ranking: Ranking = serde_json::from_str(&row.ranking).map_err(Error::internal)?;
        Ok(Self {
            policy: ranking.policy,
            policy_version_id: row.policy_version_id.map(|it| ID(it.to_string())),
            ranked: ranking.ranked.into_iter().map(Into::into).collect(),
            excluded: ranking.excluded.into_iter().map(Into::into).collect(),
        })
    }
}

/// A partner in the order.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RankedPartner {
    /// 1 is first.
    rank: u32,
    /// The key by which it comes after the one before; null for the first.
    behind_by: Option<RankingKey>,
    #[graphql(skip)]
    partner_id: PartnerId,
}

impl From<Ranked> for RankedPartner {
    fn from(it: Ranked) -> Self {
        Self { rank: it.rank, behind_by: it.behind_by, partner_id: it.partner }
    }
}

#[ComplexObject]
impl RankedPartner {
    /// Who.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        at_edge(ctx, self.partner_id).await
    }
}

/// A partner that was left out.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ExcludedPartner {
    /// Every reason, in the order of the policy.
    reasons: Vec<Exclusion>,
    #[graphql(skip)]
    partner_id: PartnerId,
}

impl From<Excluded> for ExcludedPartner {
    fn from(it: Excluded) -> Self {
        Self { reasons: it.reasons, partner_id: it.partner }
    }
}

#[ComplexObject]
impl ExcludedPartner {
    /// Who.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        at_edge(ctx, self.partner_id).await
    }
}

async fn at_edge(ctx: &Context<'_>, id: PartnerId) -> Option<Result<Partner>> {
    partners::graphql::at_edge(ctx.data_unchecked::<RequestContext>(), id).await.transpose()
}
