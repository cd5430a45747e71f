//! Where the events that a source pushes stand.

use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// Where the events that a source pushes stand. It outlives the deliveries, which are forgotten after some days.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_positions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    /// The last place in the sender's order that was worked on.
    pub last_replay_id: Option<i64>,
    /// When something was last pushed.
    pub received_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
