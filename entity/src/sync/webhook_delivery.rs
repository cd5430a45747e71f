//! Something that a source pushed to us.

use domain::ids::WebhookDeliveryId;
use domain::sources::SourceSystem;
use domain::sync::DeliveryState;
use sea_orm::entity::prelude::*;

/// Something that a source pushed to us.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookDeliveryId,
    pub system: SourceSystem,
    /// By which the sender knows it; unique in its system.
    pub delivery_id: String,
    pub body_hash: String,
    /// The records it names, as JSON; nothing else of it is kept.
    pub message: String,
    /// Its first and last place in the sender's order of events.
    pub first_replay_id: Option<i64>,
    pub last_replay_id: Option<i64>,
    pub state: DeliveryState,
    pub attempts: i32,
    pub received_at: DateTimeUtc,
    pub next_attempt_at: Option<DateTimeUtc>,
    pub worked_at: Option<DateTimeUtc>,
    /// Why it could not be worked on.
    pub failure: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
