//! `gateway policy list|show|submit|approve|reject|activate`: versions from draft to active.

use clap::Args;
use domain::policies::PolicyKind;
use entity::policies::policy_version;
use serde_json::{Value, json};

use super::{Actor, Desk, kind};
use crate::cli::{Failure, Shell};
use crate::error::Result as UseCaseResult;
use crate::platform::context::RequestContext;
use crate::policies::service::{self, Decision};

/// List the versions of policies, newest first
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy list\n  gateway --config gateway.toml --json policy list --kind matching"
)]
pub(crate) struct ListArguments {
    /// Only this kind: precedence, matching, conflict or lifecycle
    #[arg(long, value_parser = kind)]
    kind: Option<PolicyKind>,

    /// How many
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u64,
}

/// Show one version with its document
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy show 2026-04+5e6f7a8b > precedence.toml"
)]
pub(crate) struct ShowArguments {
    /// Its id, or its name such as 2026-04+5e6f7a8b
    version: String,
}

/// Submit a policy file, or a draft, for approval
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy submit precedence.toml --by sato --note \"MA before OWN\""
)]
pub(crate) struct SubmitArguments {
    /// A file, or the id or name of a draft
    policy: String,

    /// What the file decides: precedence, matching, conflict or lifecycle
    #[arg(long, default_value = "precedence", value_parser = kind)]
    kind: PolicyKind,

    #[command(flatten)]
    actor: Actor,
}

/// Approve a submitted version as it differs from the active one; nobody approves what they wrote
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy approve 2026-05+1a2b3c4d --by tanaka"
)]
pub(crate) struct ApproveArguments {
    /// Its id or name
    version: String,

    #[command(flatten)]
    actor: Actor,
}

/// Reject a submitted version for good
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy reject 2026-05+1a2b3c4d --by tanaka --note \"OWN stays master\""
)]
pub(crate) struct RejectArguments {
    /// Its id or name
    version: String,

    #[command(flatten)]
    actor: Actor,
}

/// Put an approved version into force and settle every golden record by it
///
/// All of it happens in one transaction, or nothing. Records that come in meanwhile wait for it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml policy activate 2026-05+1a2b3c4d --by tanaka"
)]
pub(crate) struct ActivateArguments {
    /// Its id or name
    version: String,

    #[command(flatten)]
    actor: Actor,
}

pub(super) async fn list(arguments: ListArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    let versions = service::newest(&desk.ctx, arguments.kind, arguments.limit).await;
    let versions = versions.map_err(Failure::failed)?;
    let text = versions.iter().map(line).collect::<Vec<_>>().join("\n");
    shell.output.result(text, &versions.iter().map(entry).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn show(arguments: ShowArguments, shell: &Shell) -> Result<(), Failure> {
    let version = Desk::open(shell, None).await?.version(&arguments.version).await?;
    let mut told = entry(&version);
    told["document"] = json!(version.document);
    shell.output.note(line(&version));
    shell.output.result(version.document.trim_end(), &told);
    Ok(())
}

pub(super) async fn submit(arguments: SubmitArguments, shell: &Shell) -> Result<(), Failure> {
    let Actor { by, note } = arguments.actor;
    let desk = Desk::open(shell, Some(&by)).await?;
    let version = desk.version_or_draft(&arguments.policy, arguments.kind, note.clone()).await?;
    let decision = Decision { id: version.id, note };
    told(shell, service::submit(&desk.ctx, None, decision).await)
}

pub(super) async fn approve(arguments: ApproveArguments, shell: &Shell) -> Result<(), Failure> {
    decide(shell, &arguments.version, arguments.actor, async |ctx, it| service::approve(ctx, None, it).await)
        .await
}

pub(super) async fn reject(arguments: RejectArguments, shell: &Shell) -> Result<(), Failure> {
    decide(shell, &arguments.version, arguments.actor, async |ctx, it| service::reject(ctx, None, it).await)
        .await
}

pub(super) async fn activate(arguments: ActivateArguments, shell: &Shell) -> Result<(), Failure> {
    let Actor { by, note } = arguments.actor;
    let desk = Desk::open(shell, Some(&by)).await?;
    let version = desk.version(&arguments.version).await?;
    let decision = Decision { id: version.id, note };
    let activation = service::activate(&desk.ctx, None, decision).await.map_err(Failure::failed)?;
    let effect = activation.findings.unwrap_or_default();
    let text = format!("{}\n{}", line(&activation.version), super::dry_run::effect_text(&effect));
    shell.output.result(text, &json!({ "version": entry(&activation.version), "effect": effect }));
    Ok(())
}

async fn decide(
    shell: &Shell,
    version: &str,
    actor: Actor,
    use_case: impl AsyncFnOnce(&RequestContext, Decision) -> UseCaseResult<policy_version::Model>,
) -> Result<(), Failure> {
    let desk = Desk::open(shell, Some(&actor.by)).await?;
    let version = desk.version(version).await?;
    told(shell, use_case(&desk.ctx, Decision { id: version.id, note: actor.note }).await)
}

fn told(shell: &Shell, outcome: UseCaseResult<policy_version::Model>) -> Result<(), Failure> {
    let version = outcome.map_err(Failure::failed)?;
    shell.output.result(line(&version), &entry(&version));
    Ok(())
}

fn line(it: &policy_version::Model) -> String {
    let decided = it.decided_by.as_ref().map(|by| format!(", decided by {by}")).unwrap_or_default();
    format!(
        "{}  {:10} {:24} {:9} by {}{decided}",
        it.id,
        it.kind.code(),
        it.version,
        it.state.code(),
        it.author
    )
}

fn entry(it: &policy_version::Model) -> Value {
    json!({
        "id": it.id, "kind": it.kind, "version": it.version, "state": it.state, "author": it.author,
        "note": it.note, "createdAt": it.created_at, "submittedAt": it.submitted_at,
        "decidedBy": it.decided_by, "decidedAt": it.decided_at, "decisionNote": it.decision_note,
        "activatedBy": it.activated_by, "activatedAt": it.activated_at, "retiredAt": it.retired_at,
    })
}
