//! One version of a policy, from its draft to its end.

use domain::ids::{PolicyDryRunId, PolicyVersionId};
use domain::policies::{PolicyKind, PolicyState};
use sea_orm::entity::prelude::*;

/// One version of a policy, from its draft to its end.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyVersionId,
    pub kind: PolicyKind,
    /// Declared version and short hash of the document: what traces name.
    pub version: String,
    /// As TOML; never changes.
    pub document: String,
    pub state: PolicyState,
    /// Subject of the author; `SYSTEM` for what a store begins with.
    pub author: String,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub submitted_at: Option<DateTimeUtc>,
    /// Who approved or rejected it.
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_note: Option<String>,
    /// The version that was active when it was approved: what the approver compared it with.
    pub approved_against_id: Option<PolicyVersionId>,
    /// The last dry run of it that had succeeded when it was approved.
    pub approved_dry_run_id: Option<PolicyDryRunId>,
    pub activated_by: Option<String>,
    pub activated_at: Option<DateTimeUtc>,
    pub retired_at: Option<DateTimeUtc>,
    /// What it changed when it came into force, in numbers, as JSON.
    pub effect: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
