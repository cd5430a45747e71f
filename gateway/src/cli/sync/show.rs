//! `gateway sync status`: whose turn it is, the newest runs, and how far each object has been read.

use clap::Args;
use entity::sync::{sync_run, watermark};
use serde_json::{Value, json};

use crate::cli::{Failure, Shell};
use crate::platform::clock::Clock;
use crate::startup;
use crate::sync::lease::{self, Held};
use crate::sync::service;

/// Show the newest runs, and how far each object has been read
#[derive(Debug, Args)]
#[command(after_help = STATUS_EXAMPLES)]
pub(crate) struct StatusArguments {
    /// How many runs
    #[arg(long, default_value_t = 10, value_name = "N")]
    limit: u64,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync status
  gateway --config gateway.toml --json sync status | jq '.watermarks'";

pub(super) async fn status(arguments: StatusArguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let database = startup::existing_database(&config.database).await.map_err(Failure::usage)?;
    database.check_schema().await.map_err(Failure::failed)?;
    let runs = service::newest_runs(&database, arguments.limit).await.map_err(Failure::failed)?;
    let watermarks = service::watermarks(&database).await.map_err(Failure::failed)?;
    let now = Clock::default().now();
    let turns = lease::holders(database.read(), now).await.map_err(Failure::failed)?;
    let lines = turns.iter().map(ToString::to_string).chain(runs.iter().map(run_line));
    let lines = lines.chain(watermarks.iter().map(watermark_line));
    let text = if runs.is_empty() { "no run yet".to_owned() } else { lines.collect::<Vec<_>>().join("\n") };
    let runs: Vec<Value> = runs.iter().map(run_json).collect();
    let watermarks: Vec<Value> = watermarks.iter().map(watermark_json).collect();
    let turns: Vec<Value> = turns.iter().map(turn_json).collect();
    shell.output.result(text, &json!({ "turns": turns, "runs": runs, "watermarks": watermarks }));
    Ok(())
}

fn run_line(run: &sync_run::Model) -> String {
    let counts = format!(
        "{} read, {} changed, {} unchanged, {} failed",
        run.records_read, run.records_changed, run.records_unchanged, run.records_failed
    );
    let message = run.message.as_deref().map(|it| format!("  {it}")).unwrap_or_default();
    format!(
        "{}  {:8} {:10} {counts}{message}",
        run.started_at.format("%F %TZ"),
        run.system.code(),
        run.state.code()
    )
}

fn watermark_line(mark: &watermark::Model) -> String {
    let reached = mark.complete_to.map_or("nothing yet".to_owned(), |it| it.format("%F %TZ").to_string());
    let unfinished = if mark.resume_stamp.is_some() { "  a reading is unfinished" } else { "" };
    format!("{}/{} is complete up to {reached}{unfinished}", mark.system, mark.object)
}

fn turn_json(held: &Held) -> Value {
    json!({
        "system": held.system, "holder": held.holder, "run": held.run,
        "since": held.since, "until": held.until,
    })
}

fn run_json(run: &sync_run::Model) -> Value {
    json!({
        "id": run.id, "system": run.system, "mode": run.mode, "state": run.state,
        "startedAt": run.started_at, "endedAt": run.ended_at,
        "read": run.records_read, "changed": run.records_changed,
        "unchanged": run.records_unchanged, "failed": run.records_failed, "message": run.message,
    })
}

fn watermark_json(mark: &watermark::Model) -> Value {
    json!({
        "system": mark.system, "object": mark.object, "completeTo": mark.complete_to,
        "isUnfinished": mark.resume_stamp.is_some(), "deletionsTo": mark.deletions_to,
    })
}
