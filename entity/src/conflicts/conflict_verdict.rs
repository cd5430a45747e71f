//! Append-only: what the rules said of one registration at one instant.

use domain::conflicts::{ConflictTrigger, OutcomeKind};
use domain::ids::{PolicyVersionId, RegistrationId, VerdictId};
use sea_orm::entity::prelude::*;

/// Append-only: what the rules said of one registration at one instant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conflict_verdicts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VerdictId,
    pub registration_id: RegistrationId,
    pub evaluated_at: DateTimeUtc,
    /// What made us look.
    pub occasion: ConflictTrigger,
    pub outcome: OutcomeKind,
    /// The stored version that decided; null where the configuration spoke.
    pub policy_version_id: Option<PolicyVersionId>,
    /// What it is called.
    pub policy: String,
    /// The verdict with everything it rests on; replays to the same bytes.
    pub canonical: String,
    /// What differs from the one before, as JSON.
    pub diff: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
