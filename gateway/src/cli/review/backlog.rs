//! `gateway review backlog`: what waits, for how long, and how fast people decide.

use clap::Args;
use serde_json::json;

use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::review::service::figures::{Age, Figures, figures};

/// Show how the queue is doing: what waits, for how long, and how fast people decide
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway --config gateway.toml review backlog --days 30")]
pub(crate) struct BacklogArguments {
    /// Decisions of so many days, today included
    #[arg(long, default_value_t = 7, value_name = "N")]
    days: i32,
}

pub(super) async fn run(arguments: BacklogArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    let told = figures(&desk.ctx, arguments.days).await.map_err(Failure::failed)?;
    shell.output.result(lines(&told).join("\n"), &json(&told));
    Ok(())
}

fn lines(it: &Figures) -> Vec<String> {
    let mut lines = vec![format!("waiting   {}", it.waiting)];
    lines.extend(it.oldest_at.map(|at| format!("oldest    {at}")));
    lines.extend(it.median.map(|seconds| format!("median    {seconds} s from the question to the decision")));
    let count = |((kind, state), count): (&(_, _), &i64)| -> String {
        let (kind, state): (&domain::review::ReviewKind, &domain::review::ReviewState) = (kind, state);
        format!("{count:>6}  {:24} {state}", kind.code())
    };
    lines.extend(it.counts.iter().map(count));
    lines.extend(it.ages.iter().map(|age| format!("{:>6}  waiting {}", age.count, span(age))));
    lines.extend(it.decided.iter().map(|(day, count)| format!("{count:>6}  decided on {day}")));
    lines
}

fn span(age: &Age) -> String {
    match age.to_days {
        Some(to) => format!("{} to {to} days", age.from_days),
        None => format!("{} days and more", age.from_days),
    }
}

fn json(it: &Figures) -> serde_json::Value {
    let counts = it.counts.iter();
    let age = |it: &Age| json!({ "fromDays": it.from_days, "toDays": it.to_days, "count": it.count });
    json!({
        "waiting": it.waiting,
        "oldestAt": it.oldest_at,
        "medianSeconds": it.median,
        "counts": counts.map(|((kind, state), count)| json!({ "kind": kind, "state": state, "count": count })).collect::<Vec<_>>(),
        "ages": it.ages.iter().map(age).collect::<Vec<_>>(),
        "decided": it.decided.iter().map(|(day, count)| json!({ "day": day, "count": count })).collect::<Vec<_>>(),
    })
}
