//! What a system is to be told of one of its records.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, OutboundChangeId};
use domain::sources::SourceSystem;
use domain::sync::{OutboundOperation, OutboundState, SyncErrorCategory};
use sea_orm::entity::prelude::*;

/// What a system is to be told of one of its records.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbound_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboundChangeId,
    pub system: SourceSystem,
    /// The system's name for the kind of record.
    pub object: String,
    /// The system's id of the record. Of one that it is still to make, our key: the golden id with which the change came up.
    pub external_id: String,
    pub operation: OutboundOperation,
    pub kind: RecordKind,
    /// The golden record whose served values these are.
    pub golden_id: GoldenId,
    /// Fields with value, since when it is served, and who asked for it, as JSON.
    pub values: String,
    /// Hash of target, values and the version they are to change: what was refused is not sent again unchanged.
    pub key: String,
    pub state: OutboundState,
    /// Times that it was sent.
    pub attempts: i32,
    /// Times that somebody had changed the record meanwhile.
    pub conflicts: i32,
    pub next_attempt_at: DateTimeUtc,
    /// Until when its sender has time; then another one asks what became of it.
    pub leased_until: Option<DateTimeUtc>,
    pub sent_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    /// Why it was refused or tried again.
    pub category: Option<SyncErrorCategory>,
    /// The system's own code.
    pub code: Option<String>,
    /// The system's own words.
    pub message: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
