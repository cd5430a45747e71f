//! One version of an asset given to one partner.

use domain::ids::{AssetVersionId, AssignmentId, PartnerId, SupportPackageId};
use sea_orm::entity::prelude::*;

/// One version of an asset given to one partner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssignmentId,
    pub partner_id: PartnerId,
    pub asset_version_id: AssetVersionId,
    /// The package that it came with.
    pub package_id: Option<SupportPackageId>,
    pub assigned_at: DateTimeUtc,
    pub assigned_by: String,
    pub due_at: Option<DateTimeUtc>,
    /// When the partner was told.
    pub delivered_at: Option<DateTimeUtc>,
    /// When a user first did anything with it.
    pub opened_at: Option<DateTimeUtc>,
    /// When the criterion of its kind was met.
    pub consumed_at: Option<DateTimeUtc>,
    pub cancelled_at: Option<DateTimeUtc>,
    pub cancelled_by: Option<String>,
    pub cancel_reason: Option<String>,
    /// Since when events have come that are not reckoned yet.
    pub stale_since: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
