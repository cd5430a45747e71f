//! A document, video or other thing that partners sell with.

use domain::enablement::{AssetKind, OwnerDepartment};
use domain::ids::EnablementAssetId;
use sea_orm::entity::prelude::*;

/// A document, video or other thing that partners sell with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enablement_assets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EnablementAssetId,
    pub kind: AssetKind,
    pub owner_department: OwnerDepartment,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    /// From when on nobody is given it any more.
    pub retired_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
