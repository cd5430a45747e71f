//! A deal that several parties claim, or that one claims without being entitled to.

use domain::conflicts::{ConflictStatus, OutcomeKind};
use domain::ids::{ConflictId, GoldenId, PartnerId, RegistrationId, VerdictId};
use sea_orm::entity::prelude::*;

/// A deal that several parties claim, or that one claims without being entitled to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_conflicts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConflictId,
    /// Counts changes.
    pub version: i32,
    /// The registration whose verdict it is about.
    pub registration_id: RegistrationId,
    /// Whose that is.
    pub partner_id: PartnerId,
    /// The customer when it was last judged.
    pub claimed_id: GoldenId,
    /// Codes of `ConflictType`, separated by commas.
    pub types: String,
    pub status: ConflictStatus,
    /// What came out, of the rules or of a person.
    pub outcome: OutcomeKind,
    /// The verdict it rests on.
    pub verdict_id: VerdictId,
    pub settled_at: Option<DateTimeUtc>,
    /// Who settled it, when a person did.
    pub reviewer: Option<String>,
    /// What a person decided, as JSON.
    pub resolution: Option<String>,
    /// Why a person decided so, or dismissed it.
    pub reason: Option<String>,
    pub appealed_at: Option<DateTimeUtc>,
    /// Who had settled it when it was appealed; somebody else answers.
    pub appeal_against: Option<String>,
    pub appealed_by: Option<PartnerId>,
    pub appeal_reason: Option<String>,
    /// What was new when it was last opened again, as JSON.
    pub diff: Option<String>,
    pub raised_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
