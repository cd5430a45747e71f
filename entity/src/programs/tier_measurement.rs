//! What a partner reached in a quarter by a metric that nothing here measures: entered by a person.

use domain::ids::PartnerId;
use sea_orm::entity::prelude::*;

/// What a partner reached in a quarter by a metric that nothing here measures: entered by a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tier_measurements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub quarter: i32,
    /// As criteria write it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub metric: String,
    /// An exact decimal.
    pub value: String,
    pub entered_at: DateTimeUtc,
    pub entered_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
