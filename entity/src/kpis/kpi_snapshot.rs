//! A recorded figure, as a table.

use domain::kpis::catalogue::Kpi;
use sea_orm::entity::prelude::*;

/// A figure of the whole channel as it was known from one instant on; what was recorded is never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kpi_snapshots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kpi: Kpi,
    /// The first date of the period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub begins: Date,
    /// The first date after it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ends: Date,
    #[sea_orm(primary_key, auto_increment = false)]
    pub recorded_at: DateTimeUtc,
    /// When it was last found to hold still.
    pub checked_at: DateTimeUtc,
    pub formula_version: i32,
    /// The figure with its receipt, as JSON.
    pub measured: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
