//! Which tier a partner had earned at the end of a fiscal quarter, with the evidence; never changed.

use domain::ids::{PartnerId, ProgramVersionId, TierEvaluationId};
use domain::programs::TierChange;
use sea_orm::entity::prelude::*;

/// Which tier a partner had earned at the end of a fiscal quarter, with the evidence; never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tier_evaluations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TierEvaluationId,
    pub partner_id: PartnerId,
    pub program_version_id: ProgramVersionId,
    pub fiscal_year: i32,
    /// 1 to 4.
    pub quarter: i32,
    pub evaluated_at: DateTimeUtc,
    /// Code of the best tier whose criteria are all met.
    pub earned: String,
    /// Code of the tier from now on.
    pub tier: String,
    pub change: TierChange,
    /// Quarters in a row below the criteria of the tier held.
    pub quarters_below: i32,
    /// Every criterion of every tier with what was measured, as JSON.
    pub evidence: String,
    /// What is missing for the next tier, as JSON.
    pub missing_for_next: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
