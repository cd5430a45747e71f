//! What the API shows of programs and tiers.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::programs::{self, ProgramState, TierChange};
use entity::programs::{partner_tier, program_version, tier_evaluation};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::partners::graphql::{Partner, at_edge};
use crate::platform::context::RequestContext;
use crate::programs::loader::ProgramById;
use crate::programs::service::parsed;

/// What the partner program says in one fiscal year, in one version.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Program {
    /// Id of the version.
    id: ID,
    /// The fiscal year, named after the calendar year in which it begins.
    fiscal_year: i32,
    /// Which version of that year, from 1.
    number: i32,
    /// What the program is called.
    name: String,
    /// Where the version stands.
    state: ProgramState,
    /// When it was entered.
    created_at: DateTime<Utc>,
    /// When it came into force.
    activated_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: program_version::Model,
}

impl From<program_version::Model> for Program {
    fn from(row: program_version::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            fiscal_year: row.fiscal_year,
            number: row.number,
            name: row.name.clone(),
            state: row.state,
            created_at: row.created_at,
            activated_at: row.activated_at,
            row,
        }
    }
}

#[ComplexObject]
impl Program {
    /// Its tiers, the best first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn tiers(&self) -> Result<Vec<ProgramTier>> {
        Ok(parsed(&self.row)?.tiers().iter().map(ProgramTier::from).collect())
    }

    /// The document as it was entered, as TOML; shown to staff.
    async fn document(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        is_staff.then_some(&self.row.document)
    }
}

/// One level of a program.
#[derive(SimpleObject)]
pub struct ProgramTier {
    /// Its code, such as `GOLD`.
    code: String,
    /// 1 is the highest.
    rank: u32,
    /// What it takes, all of it, such as `certifiedUsers >= 3`.
    criteria: Vec<String>,
    /// What it entitles to.
    benefits: Vec<String>,
}

impl From<&programs::Tier> for ProgramTier {
    fn from(tier: &programs::Tier) -> Self {
        Self {
            code: tier.code.clone(),
            rank: tier.rank,
            criteria: tier.criteria.iter().map(ToString::to_string).collect(),
            benefits: tier.benefits.iter().cloned().collect(),
        }
    }
}

/// The tier that a partner holds.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PartnerTier {
    /// Its code, such as `GOLD`.
    code: String,
    /// 1 is the highest.
    rank: i32,
    /// Since when.
    since: DateTime<Utc>,
    #[graphql(skip)]
    row: partner_tier::Model,
}

impl From<partner_tier::Model> for PartnerTier {
    fn from(row: partner_tier::Model) -> Self {
        Self { code: row.tier.clone(), rank: row.rank, since: row.since, row }
    }
}

#[ComplexObject]
impl PartnerTier {
    /// What it entitles to.
    async fn benefits(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let program = ctx.batch::<ProgramById>().get(ctx, self.row.program_version_id).await?;
        let program = program.as_ref().map(parsed).transpose()?;
        let tier = program.as_ref().and_then(|it| it.tier(&self.row.tier));
        Ok(tier.map(|it| it.benefits.iter().cloned().collect()).unwrap_or_default())
    }

    /// Why a person gave it; null when an evaluation did. Shown to staff.
    async fn reason(&self, ctx: &Context<'_>) -> Option<&str> {
        let is_staff = ctx.data_unchecked::<RequestContext>().caller.is_staff();
        self.row.reason.as_deref().filter(|_| is_staff)
    }
}

/// Which tier a partner had earned at the end of a fiscal quarter, and what it rests on.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TierEvaluation {
    /// Id of the evaluation.
    id: ID,
    /// The fiscal year.
    fiscal_year: i32,
    /// 1 to 4; the first is April to June.
    quarter: i32,
    /// When it was done.
    evaluated_at: DateTime<Utc>,
    /// The best tier whose criteria were all met.
    earned: String,
    /// The tier from then on.
    tier: String,
    /// How that differs from before.
    change: TierChange,
    /// Quarters in a row below the criteria of the tier held.
    quarters_below: i32,
    #[graphql(skip)]
    row: tier_evaluation::Model,
}

impl From<tier_evaluation::Model> for TierEvaluation {
    fn from(row: tier_evaluation::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            fiscal_year: row.fiscal_year,
            quarter: row.quarter,
            evaluated_at: row.evaluated_at,
            earned: row.earned.clone(),
            tier: row.tier.clone(),
            change: row.change,
            quarters_below: row.quarters_below,
            row,
        }
    }
}

#[ComplexObject]
impl TierEvaluation {
    /// Whose.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        at_edge(ctx.data_unchecked(), self.row.partner_id).await
    }

    /// By which version of the program.
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let program = ctx.batch::<ProgramById>().get(ctx, self.row.program_version_id).await?;
        Ok(program.map(Program::from))
    }

    /// Every criterion of every tier with what was measured, the best tier first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn evidence(&self) -> Result<Vec<TierEvidence>> {
        let evidence: Vec<(String, Vec<programs::CriterionResult>)> = stored(&self.row.evidence)?;
        let shown = |(tier, criteria): (String, Vec<programs::CriterionResult>)| TierEvidence {
            tier,
            criteria: criteria.into_iter().map(CriterionResult::from).collect(),
        };
        Ok(evidence.into_iter().map(shown).collect())
    }

    /// What is missing for the tier above the one held: its criteria that were not met. Empty at the top.
    #[graphql(complexity = "5 * child_complexity")]
    async fn missing_for_next(&self) -> Result<Vec<CriterionResult>> {
        let missing: Vec<programs::CriterionResult> = stored(&self.row.missing_for_next)?;
        Ok(missing.into_iter().map(CriterionResult::from).collect())
    }
}

/// The criteria of one tier with what was measured.
#[derive(SimpleObject)]
pub struct TierEvidence {
    /// Code of the tier.
    tier: String,
    /// Its criteria.
    criteria: Vec<CriterionResult>,
}

/// One criterion with what was measured.
#[derive(SimpleObject)]
pub struct CriterionResult {
    /// What it takes, such as `partnerSourcedRevenue >= 5000000`.
    criterion: String,
    /// What was measured; null when it could not be, which meets no criterion.
    measured: Option<Decimal>,
    /// Whether that is enough.
    is_met: bool,
}

impl From<programs::CriterionResult> for CriterionResult {
    fn from(result: programs::CriterionResult) -> Self {
        let programs::CriterionResult { criterion, measured, is_met } = result;
        Self { criterion: criterion.to_string(), measured, is_met }
    }
}

fn stored<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(Error::internal)
}
