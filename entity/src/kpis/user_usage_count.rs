//! What a person at a partner did with our support, as a table.

use domain::ids::{PartnerId, PartnerUserId};
use domain::kpis::rollup::Grain;
use sea_orm::entity::prelude::*;

/// What of a day, or of a month, is counted by person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_usage_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: PartnerUserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub grain: Grain,
    /// The first date, by the calendar of Tokyo.
    #[sea_orm(primary_key, auto_increment = false)]
    pub begins: Date,
    pub partner_id: PartnerId,
    /// Dates on which the person logged in.
    pub login_days: i32,
    /// Dates on which the person started a training.
    pub training_starts: i32,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
