//! One thing that somebody at a partner did with our support. Never changed.

use domain::engagement::{Channel, Measure};
use domain::ids::{AssetVersionId, EngagementEventId, PartnerId, PartnerUserId};
use sea_orm::entity::prelude::*;

/// One thing that somebody at a partner did with our support. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "engagement_events")]
pub struct Model {
    /// On PostgreSQL it says in which partition the event lies: a month by the clocks of Tokyo.
    #[sea_orm(primary_key, auto_increment = false)]
    pub occurred_at: DateTimeUtc,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EngagementEventId,
    /// The system that reported it.
    pub source: String,
    /// The id that it gave.
    pub event_id: String,
    /// The code of its kind.
    pub kind: String,
    pub measure: Measure,
    pub partner_id: PartnerId,
    pub user_id: Option<PartnerUserId>,
    pub asset_version_id: Option<AssetVersionId>,
    pub channel: Channel,
    pub received_at: DateTimeUtc,
    /// Whether it shows a user at work with us.
    pub is_access: bool,
    /// What more there is to say, as JSON by the schema of its kind.
    pub payload: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
