//! An account that a territory is about.

use domain::ids::{GoldenId, TerritoryAssignmentId};
use sea_orm::entity::prelude::*;

/// An account that a territory is about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "territory_named_accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assignment_id: TerritoryAssignmentId,
    /// As it was called when the territory was assigned; it may redirect by now.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: GoldenId,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
