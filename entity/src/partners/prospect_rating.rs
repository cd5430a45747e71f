//! How a person rated a prospective partner by one criterion.

use domain::ids::PartnerId;
use domain::kpis::relationship::selection::Criterion;
use sea_orm::entity::prelude::*;

/// How a person rated a prospective partner by one criterion.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prospect_ratings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub criterion: Criterion,
    /// 0 to 5.
    pub rating: i32,
    pub rated_at: DateTimeUtc,
    pub rated_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
