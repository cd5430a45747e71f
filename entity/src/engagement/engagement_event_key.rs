//! That an event was taken, over all partitions of the log.

use domain::ids::EngagementEventId;
use sea_orm::entity::prelude::*;

/// That an event was taken, over all partitions of the log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_event_keys")]
pub struct Model {
    /// Digest of the source and the id that it gave.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Uuid,
    /// Digest of the canonical form: one key with another content is a contradiction.
    pub content: Uuid,
    /// The event as the log knows it.
    pub event_id: EngagementEventId,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
