//! `gateway lead decisions` and `withdraw`: what people have said of pairs of records, and taking it back.

use clap::Args;
use domain::fields::RecordKind;
use domain::ids::MatchDecisionId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::merge::{Because, id};
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::golden::answers::{self, Answered, Withdrawal, Withdrawn};
use crate::golden::loader::RecordRef;

/// List what people have said of the records of a golden record and others: one, or never
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway lead decisions TGVhZDowMTk…")]
pub(crate) struct DecisionsArguments {
    /// The record: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,
}

/// Withdraw what people have said of records: from now on the evidence counts
///
/// It is refused where it would take a record apart: `unmerge` asks somebody else for that.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway lead withdraw 01977a3e-… --by steward-1 --reason 'one person after all' --dry-run"
)]
pub(crate) struct WithdrawArguments {
    /// The answers, by the ids that `decisions` shows
    #[arg(value_name = "DECISION", num_args = 1.., required = true)]
    decisions: Vec<Uuid>,

    #[command(flatten)]
    because: Because,
}

pub(super) async fn decisions(
    kind: RecordKind,
    arguments: DecisionsArguments,
    shell: &Shell,
) -> Result<(), Failure> {
    let record = RecordRef { kind, id: id(kind, &arguments.id)? };
    let desk = Desk::open(shell, None).await?;
    let told = answers::about(&desk.ctx, record).await.map_err(Failure::failed)?;
    let told = told.ok_or_else(|| Failure::failed(anyhow::anyhow!("there is no such record")))?;
    let text = match told.is_empty() {
        true => "nobody has said anything of these records".to_owned(),
        false => told.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    shell.output.result(text, &told.iter().map(entry).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn withdraw(arguments: WithdrawArguments, shell: &Shell) -> Result<(), Failure> {
    let Because { by, reason, dry_run } = arguments.because;
    let withdrawal = Withdrawal {
        answers: arguments.decisions.into_iter().map(MatchDecisionId::from).collect(),
        reason: reason.parse().map_err(Failure::usage)?,
        is_dry_run: dry_run,
    };
    let desk = Desk::open(shell, Some(&by)).await?;
    let done = answers::withdraw(&desk.ctx, None, withdrawal).await.map_err(Failure::failed)?;
    shell.output.result(outcome_text(&done, dry_run), &outcome(&done, dry_run));
    Ok(())
}

fn line(it: &Answered) -> String {
    let [one, other] = &it.pair;
    let row = &it.row;
    format!(
        "{}  {:9}  {one}  {other}  by {} on {}",
        row.id,
        row.answer.code(),
        row.decided_by,
        row.decided_at
    )
}

fn entry(it: &Answered) -> Value {
    let row = &it.row;
    json!({
        "id": row.id, "answer": row.answer, "records": it.pair.iter().map(|it| &**it).collect::<Vec<_>>(),
        "reason": row.reason, "by": row.decided_by, "at": row.decided_at,
    })
}

fn global(done: &Withdrawn) -> Vec<String> {
    let global = |id| RecordRef { kind: done.kind, id }.global_id().to_string();
    done.goldens.iter().copied().map(global).collect()
}

fn outcome_text(done: &Withdrawn, is_dry_run: bool) -> String {
    let mut text = format!("the records belong to {}", global(done).join(" and "));
    for it in &done.changes {
        let value = |it: &Option<String>| it.clone().unwrap_or_else(|| "(empty)".to_owned());
        text += &format!("\n  {}: {} -> {}", it.field.name(), value(&it.before), value(&it.after));
    }
    if is_dry_run {
        text += "\nnothing was changed; leave --dry-run away to do it";
    }
    text
}

fn outcome(done: &Withdrawn, is_dry_run: bool) -> Value {
    let change = |it: &crate::golden::service::FieldChange| {
        let id = RecordRef { kind: done.kind, id: it.golden }.global_id().to_string();
        json!({ "id": id, "field": it.field.name(), "before": it.before, "after": it.after })
    };
    json!({
        "recordIds": global(done),
        "changes": done.changes.iter().map(change).collect::<Vec<_>>(),
        "isDryRun": is_dry_run,
    })
}
