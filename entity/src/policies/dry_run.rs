//! One dry run of a policy version over all stored facts.

use domain::ids::{PolicyDryRunId, PolicyVersionId};
use domain::policies::DryRunState;
use sea_orm::entity::prelude::*;

/// One dry run of a policy version over all stored facts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_dry_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyDryRunId,
    pub policy_version_id: PolicyVersionId,
    /// The version that was active while it ran: what it is compared with.
    pub against_id: Option<PolicyVersionId>,
    pub state: DryRunState,
    pub requested_by: String,
    pub requested_at: DateTimeUtc,
    /// When the present attempt began.
    pub started_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    /// Who works on it; changes with each attempt.
    pub holder: Option<Uuid>,
    /// Until when the holder is believed to live.
    pub lease_until: Option<DateTimeUtc>,
    pub attempts: i32,
    /// Golden records looked at so far.
    pub records_done: i64,
    pub records_total: i64,
    pub message: Option<String>,
    /// What was found, as JSON.
    pub summary: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
