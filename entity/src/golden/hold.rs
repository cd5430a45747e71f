//! A pin or lock: what a person has fixed of one field of a golden record.

use domain::fields::RecordKind;
use domain::holds::HoldKind;
use domain::ids::{GoldenId, HoldId};
use sea_orm::entity::prelude::*;

/// A pin or lock: what a person has fixed of one field of a golden record.
///
/// A row says from when to when it held at one golden record. A merge or unmerge ends it and lets another row go on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HoldId,
    pub hold: HoldKind,
    pub kind: RecordKind,
    pub golden_id: GoldenId,
    /// Name in the catalogue.
    pub field: String,
    /// What is served of the field's unit while it holds, as `mastering` writes it.
    pub kept: String,
    pub reason: String,
    /// Subject of who fixed it.
    pub held_by: String,
    /// When the person fixed it.
    pub held_at: DateTimeUtc,
    /// From when it holds at this golden record.
    pub since: DateTimeUtc,
    /// When it ends by itself.
    pub until: Option<DateTimeUtc>,
    /// Null while it holds.
    pub ended_at: Option<DateTimeUtc>,
    /// Subject of who took it off, or what ended it: `TIME`, `MERGE`, `UNMERGE`, `ERASURE`.
    pub ended_by: Option<String>,
    pub end_reason: Option<String>,
    /// The first row of what the person fixed, when this one goes on after a merge or unmerge.
    pub continues: Option<HoldId>,
    /// The row that took its place, when a merge or unmerge ended it.
    pub replaced_by: Option<HoldId>,
    /// Ids of the source records that had a say on the field when it was fixed, as JSON.
    pub evidence_records: String,
    /// The value that a pin is known to outvote: null when there was none, or an empty one.
    pub outvoted: Option<String>,
    /// Fingerprint of the last question whether the pin is stale.
    pub asked: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What the person fixed, however many rows it went through.
    pub fn first_id(&self) -> HoldId {
        self.continues.unwrap_or(self.id)
    }
}
