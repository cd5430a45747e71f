//! A day of a partner of which events have come since it was last counted.

use domain::ids::PartnerId;
use sea_orm::entity::prelude::*;

/// A day of a partner of which events have come since it was last counted. Whoever counts deletes it first and then reads the
/// events, in one transaction: an event that comes in between writes it anew.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_days_due")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    /// By the calendar of Tokyo.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// When the first of them came.
    pub since: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
