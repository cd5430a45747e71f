//! Prospective partners in the API: how they are rated, and who is the most promising.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::kpis::relationship::selection::{Criterion, InvalidRating, Rating};
use domain::partners::prospects::Assessment;
use rust_decimal::Decimal;

use super::queries::by_id;
use super::types::Partner;
use crate::error::{NotFound, OfField as _, Result};
use crate::partners::prospects;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// A partner's rating by one criterion.
#[derive(Debug, InputObject)]
pub struct ProspectRatingInput {
    /// By what.
    pub criterion: Criterion,
    /// 0 to 5; for a risk, 5 is the greatest.
    pub rating: i32,
}

/// How a partner is rated. Criteria that are left out stay as they are; doing it again changes nothing.
#[derive(Debug, InputObject)]
pub struct RateProspectInput {
    /// The partner.
    pub partner_id: ID,
    /// The ratings.
    pub ratings: Vec<ProspectRatingInput>,
}

/// What a rating gives back.
#[derive(SimpleObject)]
pub struct ProspectPayload {
    /// The partner as it is rated now.
    prospect: Prospect,
}

/// A prospective partner with its selection score.
#[derive(SimpleObject)]
pub struct Prospect {
    /// The partner.
    partner: Partner,
    /// From 0 to 100; null when nothing is rated. What is missing gives its weight to the others.
    score: Option<Decimal>,
    /// What each rating added to the score, the most first.
    reasons: Vec<ScoreReason>,
    /// What nobody has rated yet.
    unrated: Vec<Criterion>,
}

/// What a rating added to a score.
#[derive(SimpleObject)]
pub struct ScoreReason {
    /// By what it is rated.
    criterion: Criterion,
    /// Points of the score.
    points: Decimal,
}

impl Prospect {
    fn new(partner: Partner, assessment: Assessment) -> Self {
        let score = prospects::score(&assessment);
        let reasons = assessment.reasons.into_iter();
        let reasons = reasons.map(|(criterion, points)| ScoreReason { criterion, points }).collect();
        Self { partner, score, reasons, unrated: assessment.unrated }
    }
}

/// Reading how prospects are rated.
#[derive(Default)]
pub struct ProspectQueries;

#[Object]
impl ProspectQueries {
    /// Prospects and applicants, the most promising first; for staff.
    #[graphql(complexity = "50 * child_complexity")]
    async fn prospects(&self, ctx: &Context<'_>) -> Result<Vec<Prospect>> {
        let ranking = prospects::ranking(ctx.data_unchecked()).await?;
        Ok(ranking.into_iter().map(|(row, assessment)| Prospect::new(row.into(), assessment)).collect())
    }
}

/// Rating prospects.
#[derive(Default)]
pub struct ProspectMutations;

#[Object]
impl ProspectMutations {
    /// Rates a partner for selection.
    async fn rate_prospect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and how.")] input: RateProspectInput,
    ) -> Result<Payload<ProspectPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?;
            let rating = |it: &ProspectRatingInput| {
                let number = u8::try_from(it.rating).map_err(|_| InvalidRating)?;
                Ok((it.criterion, Rating::try_from(number)?))
            };
            let ratings =
                input.ratings.iter().map(rating).collect::<Result<_, InvalidRating>>().of_field("ratings")?;
            prospects::rate(ctx, partner, &ratings).await?;
            let assessment = prospects::assessments(ctx.read(), &[partner]).await?.pop();
            let assessment = assessment.ok_or(NotFound("partner"))?;
            let partner = by_id(ctx, partner).await?.ok_or(NotFound("partner"))?;
            Ok(ProspectPayload { prospect: Prospect::new(partner, assessment) })
        })
        .await
    }
}
