//! A dated right of a partner to work somewhere.

use domain::ids::{PartnerId, TerritoryAssignmentId};
use sea_orm::entity::prelude::*;

/// A dated right of a partner to work somewhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "territory_assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TerritoryAssignmentId,
    /// Counts changes; a mutation names the version it saw.
    pub version: i32,
    pub partner_id: PartnerId,
    /// Codes separated by commas; none means everywhere. So with industries and products.
    pub prefectures: String,
    pub industries: String,
    pub products: String,
    pub is_exclusive: bool,
    pub valid_from: Date,
    /// The first date after it.
    pub valid_until: Option<Date>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    /// When somebody gave it its end.
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    pub end_reason: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
