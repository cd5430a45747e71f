//! `gateway lead propose`: asking somebody else whether records are one.

use clap::Args;
use domain::fields::RecordKind;
use serde_json::json;

use super::merge::id;
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::review::service::{self, Proposal};

/// Ask somebody else whether records are one: the oldest and each of the others
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProposeArguments {
    /// The records, two or more: global ids, or UUIDs
    #[arg(value_name = "ID", num_args = 2.., required = true)]
    ids: Vec<String>,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Why; shown to whoever decides
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// How many people have to decide alike, 1 or 2
    #[arg(long, default_value_t = 1, value_name = "N")]
    deciders: i32,
}

const EXAMPLES: &str = "\
Examples:
  gateway lead propose TGVhZDowMTk… TGVhZDowMWE… --by manager-1 --reason '名刺が同じ'
  gateway review decide TASK SAME --by steward-1 --reason '確認した'                      somebody else, then";

pub(super) async fn run(kind: RecordKind, arguments: ProposeArguments, shell: &Shell) -> Result<(), Failure> {
    let records = arguments.ids.iter().map(|it| id(kind, it)).collect::<Result<_, _>>()?;
    let reason = arguments.reason.parse().map_err(Failure::usage)?;
    let desk = Desk::open(shell, Some(&arguments.by)).await?;
    let proposal = Proposal { kind, records, reason, deciders: arguments.deciders };
    let tasks = service::propose(&desk.ctx, None, proposal).await.map_err(Failure::failed)?;
    let lines = tasks.iter().map(|it| format!("{}  asks whether they are one", it.id));
    let json: Vec<_> = tasks.iter().map(|it| json!({ "taskId": it.id })).collect();
    shell.output.result(lines.collect::<Vec<_>>().join("\n"), &json);
    Ok(())
}
