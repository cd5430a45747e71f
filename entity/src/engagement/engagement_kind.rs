//! A kind of event that somebody switched. Kinds without a row are on.

use sea_orm::entity::prelude::*;

/// A kind of event that somebody switched. Kinds without a row are on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_kinds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub is_on: bool,
    pub changed_at: DateTimeUtc,
    pub changed_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
