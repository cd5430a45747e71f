//! One asset of a package, in the order in which they are to be used.

use domain::ids::{EnablementAssetId, SupportPackageId};
use sea_orm::entity::prelude::*;

/// One asset of a package, in the order in which they are to be used.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_package_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub package_id: SupportPackageId,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub asset_id: EnablementAssetId,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
