//! The account that a lead's company led to, dated.

use domain::ids::GoldenId;
use sea_orm::entity::prelude::*;

/// The account that a lead's company led to, dated.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead_id: GoldenId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: DateTimeUtc,
    pub account_id: GoldenId,
    /// Null while it does.
    pub until: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
