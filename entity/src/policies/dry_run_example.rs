//! One change that a dry run found: an example of those it counted.

use domain::fields::RecordKind;
use domain::ids::{GoldenId, PolicyDryRunExampleId, PolicyDryRunId};
use domain::policies::DryRunChange;
use sea_orm::entity::prelude::*;

/// One change that a dry run found: an example of those it counted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_dry_run_examples")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PolicyDryRunExampleId,
    pub dry_run_id: PolicyDryRunId,
    pub change: DryRunChange,
    pub kind: RecordKind,
    /// The golden record as it is now.
    pub golden_id: Option<GoldenId>,
    /// The survivor, where records become one.
    pub other_id: Option<GoldenId>,
    /// Name of the field, where a field changes.
    pub field: Option<String>,
    pub value_before: Option<String>,
    pub value_after: Option<String>,
    /// The source record that is served now.
    pub source_before: Option<String>,
    pub source_after: Option<String>,
    /// The step that decides now.
    pub rule_before: Option<String>,
    pub rule_after: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
