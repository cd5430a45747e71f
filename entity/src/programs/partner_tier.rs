//! The tier of a partner from one instant on; never changed.

use domain::ids::{PartnerId, PartnerTierId, ProgramVersionId, TierEvaluationId};
use sea_orm::entity::prelude::*;

/// The tier of a partner from one instant on; never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_tiers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerTierId,
    pub partner_id: PartnerId,
    /// Code of the tier.
    pub tier: String,
    /// 1 is the highest.
    pub rank: i32,
    pub program_version_id: ProgramVersionId,
    pub since: DateTimeUtc,
    /// What made it so; none when a person did.
    pub evaluation_id: Option<TierEvaluationId>,
    /// Why a person did.
    pub reason: Option<String>,
    pub decided_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
