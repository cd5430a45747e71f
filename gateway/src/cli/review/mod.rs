//! `gateway review`: the review queue on the command line.

mod backlog;
mod bulk;
mod claims;
mod show;

use clap::{Args, Subcommand};
use domain::review::{ReviewDecision, ReviewState};
use entity::review::review_task::Model;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::review::service::{self, Answer};

/// Look at what people are asked, and decide it
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    List(ListArguments),
    Show(show::ShowArguments),
    Claim(claims::ClaimArguments),
    Release(claims::ReleaseArguments),
    Decide(DecideArguments),
    DecideAll(bulk::DecideAllArguments),
    Backlog(backlog::BacklogArguments),
}

/// List the tasks that wait for a decision, longest waiting first
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway --config gateway.toml review list --limit 20")]
pub(crate) struct ListArguments {
    /// How many
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u64,
}

/// Decide a task; nobody decides what they asked for themselves
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway --config gateway.toml review decide 01977a3e-… APPROVE --by admin-1 --reason '確認した'"
)]
pub(crate) struct DecideArguments {
    /// Its id
    #[arg(value_name = "TASK")]
    task: Uuid,

    /// One of the answers that `list` shows
    #[arg(value_name = "DECISION")]
    decision: String,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Why; kept with the decision
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list(arguments, shell).await,
        Command::Show(arguments) => show::show(arguments, shell).await,
        Command::Claim(arguments) => claims::claim(arguments, shell).await,
        Command::Release(arguments) => claims::release(arguments, shell).await,
        Command::Decide(arguments) => decide(arguments, shell).await,
        Command::DecideAll(arguments) => bulk::run(arguments, shell).await,
        Command::Backlog(arguments) => backlog::run(arguments, shell).await,
    }
}

async fn list(arguments: ListArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    let tasks = service::waiting(&desk.ctx, arguments.limit).await.map_err(Failure::failed)?;
    let text = tasks.iter().map(line).collect::<Vec<_>>().join("\n");
    shell.output.result(text, &tasks.iter().map(entry).collect::<Vec<_>>());
    Ok(())
}

async fn decide(arguments: DecideArguments, shell: &Shell) -> Result<(), Failure> {
    let decision: ReviewDecision = arguments.decision.to_uppercase().parse().map_err(Failure::usage)?;
    let reason = arguments.reason.parse().map_err(Failure::usage)?;
    let desk = Desk::open(shell, Some(&arguments.by)).await?;
    let answer = Answer { task: arguments.task.into(), decision, reason };
    let task = service::decide(&desk.ctx, None, answer).await.map_err(Failure::failed)?;
    shell.output.result(line(&task), &entry(&task));
    match task.state {
        ReviewState::Failed => {
            let error = anyhow::anyhow!("the decision could not be carried out; nothing was changed");
            Err(Failure::failed(error).with_hint("the history of the task says what stood in the way"))
        }
        _ => Ok(()),
    }
}

fn line(it: &Model) -> String {
    let answers: Vec<&str> = it.kind.decisions().iter().map(|it| it.code()).collect();
    let by = it.requested_by.as_ref().map(|by| format!(", asked by {by}")).unwrap_or_default();
    let held = it.claimed_by.as_ref().map(|by| format!(", held by {by}")).unwrap_or_default();
    format!(
        "{}  {:18} {:11} {}  {}{by}{held}",
        it.id,
        it.kind.code(),
        it.record_kind.code(),
        it.state,
        answers.join("|")
    )
}

fn entry(it: &Model) -> Value {
    json!({
        "id": it.id, "kind": it.kind, "state": it.state, "recordKind": it.record_kind,
        "decisions": it.kind.decisions(), "requestedBy": it.requested_by, "createdAt": it.created_at,
        "claimedBy": it.claimed_by, "claimedUntil": it.claimed_until,
    })
}
