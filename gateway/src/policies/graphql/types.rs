//! Policy versions as the API shows them.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::policies::{PolicyKind, PolicyState};
use entity::policies::policy_version;
use mastering::policy::diff::Difference;

use super::dry_runs::PolicyDryRun;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::policies::Findings;
use crate::policies::activation::effect_of;
use crate::policies::dry_run::RunsOfVersion;

/// One version of a policy, from its draft to its end.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PolicyVersion {
    /// Id of the version.
    id: ID,
    /// What it decides.
    kind: PolicyKind,
    /// Declared version and short hash of the document: what provenance names.
    version: String,
    /// The document, as TOML.
    document: String,
    /// Where it stands.
    state: PolicyState,
    /// Who wrote it; `SYSTEM` for what the store began with.
    author: String,
    /// Why it was written.
    note: Option<String>,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When it was submitted for approval.
    submitted_at: Option<DateTime<Utc>>,
    /// Who approved or rejected it; never its author.
    decided_by: Option<String>,
    /// When it was approved or rejected.
    decided_at: Option<DateTime<Utc>>,
    /// Why it was approved or rejected.
    decision_note: Option<String>,
    /// Who put it into force.
    activated_by: Option<String>,
    /// Since when it was in force.
    activated_at: Option<DateTime<Utc>>,
    /// Since when it is no longer in force.
    retired_at: Option<DateTime<Utc>>,
    /// The last dry run of it that had succeeded when it was approved.
    approved_dry_run_id: Option<ID>,
    #[graphql(skip)]
    row: policy_version::Model,
}

#[ComplexObject]
impl PolicyVersion {
    /// What it would have changed, each time that was asked; newest first.
    #[graphql(complexity = "10 * child_complexity")]
    async fn dry_runs(&self, ctx: &Context<'_>) -> Result<Vec<PolicyDryRun>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let runs = ctx.batch::<RunsOfVersion>().get(ctx, self.row.id).await?.unwrap_or_default();
        runs.into_iter().map(PolicyDryRun::new).collect()
    }

    /// What it changed when it came into force.
    async fn effect(&self) -> Result<Option<Findings>> {
        effect_of(&self.row)
    }
}

impl From<policy_version::Model> for PolicyVersion {
    fn from(row: policy_version::Model) -> Self {
        let whole = row.clone();
        Self {
            id: ID(row.id.to_string()),
            kind: row.kind,
            version: row.version,
            document: row.document,
            state: row.state,
            author: row.author,
            note: row.note,
            created_at: row.created_at,
            submitted_at: row.submitted_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_note: row.decision_note,
            activated_by: row.activated_by,
            activated_at: row.activated_at,
            retired_at: row.retired_at,
            approved_dry_run_id: row.approved_dry_run_id.map(|it| ID(it.to_string())),
            row: whole,
        }
    }
}

/// One place where two policies differ.
#[derive(SimpleObject)]
pub struct PolicyDifference {
    /// The place, such as `lead.phone.strategies` or `persons.EMAIL.EQUAL`.
    place: String,
    /// What the other version says there; null when nothing.
    before: Option<String>,
    /// What this version says there; null when nothing.
    after: Option<String>,
}

impl From<Difference> for PolicyDifference {
    fn from(it: Difference) -> Self {
        Self { place: it.place, before: it.before, after: it.after }
    }
}
