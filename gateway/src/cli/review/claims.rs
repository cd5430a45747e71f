//! `gateway review claim` and `release`: who is at work on a task.

use clap::Args;
use uuid::Uuid;

use super::{entry, line};
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::review::service;

/// Take a task for half an hour, so that nobody else decides it meanwhile; taking it again begins another half hour
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway --config gateway.toml review claim 01977a3e-… --by steward-1")]
pub(crate) struct ClaimArguments {
    #[command(flatten)]
    held: Held,
}

/// Give a task back that was taken
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway --config gateway.toml review release 01977a3e-… --by steward-1")]
pub(crate) struct ReleaseArguments {
    #[command(flatten)]
    held: Held,
}

/// Which task, and who holds it.
#[derive(Debug, Args)]
struct Held {
    /// Its id
    #[arg(value_name = "TASK")]
    task: Uuid,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,
}

pub(super) async fn claim(arguments: ClaimArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, Some(&arguments.held.by)).await?;
    let task = service::claim(&desk.ctx, arguments.held.task.into()).await.map_err(Failure::failed)?;
    shell.output.result(line(&task), &entry(&task));
    Ok(())
}

pub(super) async fn release(arguments: ReleaseArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, Some(&arguments.held.by)).await?;
    let task = service::release(&desk.ctx, arguments.held.task.into()).await.map_err(Failure::failed)?;
    shell.output.result(line(&task), &entry(&task));
    Ok(())
}
