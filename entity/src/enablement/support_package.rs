//! Assets for one purpose.

use domain::ids::SupportPackageId;
use sea_orm::entity::prelude::*;

/// Assets for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_packages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SupportPackageId,
    pub name_ja: String,
    pub name_en: Option<String>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
