//! Changing policies.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::policies::PolicyKind;
use entity::policies::policy_version;

use super::dry_runs::PolicyDryRun;
use super::types::PolicyVersion;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::policies::dry_run;
use crate::policies::effect::Findings;
use crate::policies::service::{self, Decision, Draft};

/// A version to be written.
#[derive(Debug, InputObject)]
pub struct DraftPolicyInput {
    /// What it decides.
    pub kind: PolicyKind,
    /// The document, as TOML.
    pub document: String,
    /// Why.
    pub note: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// One input for each step of a version; all of them say the same.
macro_rules! inputs {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        pub struct $name {
            /// The version.
            pub policy_version_id: ID,
            /// Why.
            pub note: Option<String>,
            /// The same key gives the same answer: make one for each new request.
            pub idempotency_key: Option<String>,
        }

        impl $name {
            fn decision(&self) -> Result<Decision> {
                let id = super::id(&self.policy_version_id, "policy version").of_field("policyVersionId")?;
                Ok(Decision { id, note: self.note.clone() })
            }
        }
    )+};
}

inputs! {
    /// A version to be submitted.
    SubmitPolicyInput,
    /// A version to be approved.
    ApprovePolicyInput,
    /// A version to be rejected.
    RejectPolicyInput,
    /// A version to be put into force.
    ActivatePolicyInput,
}

/// A dry run to be done.
#[derive(Debug, InputObject)]
pub struct StartPolicyDryRunInput {
    /// The version to be tried.
    pub policy_version_id: ID,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a change of a version gives back.
#[derive(SimpleObject)]
pub struct PolicyVersionPayload {
    /// The version as it is now.
    policy_version: PolicyVersion,
}

impl From<policy_version::Model> for PolicyVersionPayload {
    fn from(row: policy_version::Model) -> Self {
        Self { policy_version: row.into() }
    }
}

/// What an activation gives back.
#[derive(SimpleObject)]
pub struct ActivatePolicyPayload {
    /// The version as it is now.
    policy_version: PolicyVersion,
    /// What it changed; null when the same request was answered before.
    effect: Option<Findings>,
}

/// What asking for a dry run gives back.
#[derive(SimpleObject)]
pub struct StartPolicyDryRunPayload {
    /// The dry run; ask for it again to see how far it is.
    policy_dry_run: PolicyDryRun,
}

/// Changing policies.
#[derive(Default)]
pub struct PolicyMutations;

#[Object]
impl PolicyMutations {
    /// Writes a version of a policy. Nobody goes by it before it was submitted, approved by somebody else and activated.
    async fn draft_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: DraftPolicyInput,
    ) -> Result<Payload<PolicyVersionPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let draft = Draft { kind: input.kind, document: input.document, note: input.note };
            Ok(service::draft(ctx, input.idempotency_key.as_deref(), draft).await?.into())
        })
        .await
    }

    /// Asks for the approval of a draft.
    async fn submit_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: SubmitPolicyInput,
    ) -> Result<Payload<PolicyVersionPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            Ok(service::submit(ctx, input.idempotency_key.as_deref(), input.decision()?).await?.into())
        })
        .await
    }

    /// Approves a version as it differs from the one in force. Authors do not approve what they wrote.
    async fn approve_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: ApprovePolicyInput,
    ) -> Result<Payload<PolicyVersionPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            Ok(service::approve(ctx, input.idempotency_key.as_deref(), input.decision()?).await?.into())
        })
        .await
    }

    /// Rejects a version for good.
    async fn reject_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: RejectPolicyInput,
    ) -> Result<Payload<PolicyVersionPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            Ok(service::reject(ctx, input.idempotency_key.as_deref(), input.decision()?).await?.into())
        })
        .await
    }

    /// Puts an approved version into force and settles every golden record by it, all at once or not at all. A large
    /// store takes longer than a request may: activate there with `gateway policy activate`.
    async fn activate_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version.")] input: ActivatePolicyInput,
    ) -> Result<Payload<ActivatePolicyPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let activation =
                service::activate(ctx, input.idempotency_key.as_deref(), input.decision()?).await?;
            Ok(ActivatePolicyPayload {
                policy_version: activation.version.into(),
                effect: activation.findings,
            })
        })
        .await
    }

    /// Asks what a version would change of everything that is stored. Nothing is changed; ask for the dry run again
    /// until it is done.
    async fn start_policy_dry_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to try.")] input: StartPolicyDryRunInput,
    ) -> Result<Payload<StartPolicyDryRunPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let version =
                super::id(&input.policy_version_id, "policy version").of_field("policyVersionId")?;
            let run = dry_run::start(ctx, input.idempotency_key.as_deref(), version).await?;
            Ok(StartPolicyDryRunPayload { policy_dry_run: PolicyDryRun::new(run)? })
        })
        .await
    }
}
