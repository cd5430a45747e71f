//! `gateway review decide-all`: many tasks decided alike, after a look at exactly them.

use clap::Args;
use domain::fields::RecordKind;
use domain::review::{ReviewDecision, ReviewKind};
use serde_json::json;

use super::{entry, line};
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::review::graphql::ReviewTaskFilter;
use crate::review::service::bulk::{self, BulkAnswer, Outcome, Selection};

/// Decide all tasks that meet some conditions alike: without `--token` they are only shown, with the token they are decided
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DecideAllArguments {
    /// The answer that all of them get
    #[arg(value_name = "DECISION")]
    decision: String,

    /// Only tasks that ask this, such as MATCH_CANDIDATE
    #[arg(long, value_name = "KIND")]
    kind: Option<ReviewKind>,

    /// Only tasks about these records: LEAD, ACCOUNT, CONTACT, OPPORTUNITY
    #[arg(long, value_name = "KIND")]
    record_kind: Option<RecordKind>,

    /// Only records that are at least so much alike, 0 to 100
    #[arg(long, value_name = "SCORE")]
    min_score: Option<i32>,

    /// Only records that are at most so much alike, 0 to 100
    #[arg(long, value_name = "SCORE")]
    max_score: Option<i32>,

    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Stands for exactly the tasks that were shown; with it they are decided
    #[arg(long, requires = "reason")]
    token: Option<String>,

    /// Why; kept with each decision
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  gateway review decide-all SAME --record-kind LEAD --min-score 95 --by steward-1
  gateway review decide-all SAME --record-kind LEAD --min-score 95 --by steward-1 --token 5f1c… --reason '同一人物'";

pub(super) async fn run(arguments: DecideAllArguments, shell: &Shell) -> Result<(), Failure> {
    let decision: ReviewDecision = arguments.decision.to_uppercase().parse().map_err(Failure::usage)?;
    let desk = Desk::open(shell, Some(&arguments.by)).await?;
    let filter = ReviewTaskFilter {
        kind: arguments.kind.map(|it| vec![it]),
        record_kind: arguments.record_kind,
        min_score: arguments.min_score,
        max_score: arguments.max_score,
        ..ReviewTaskFilter::default()
    };
    let condition = filter.condition(&desk.ctx).map_err(Failure::usage)?;
    match (arguments.token, arguments.reason) {
        (Some(token), Some(reason)) => {
            let answer = BulkAnswer { decision, reason: reason.parse().map_err(Failure::usage)?, token };
            let decided = bulk::decide_all(&desk.ctx, None, condition, answer).await;
            tell(&decided.map_err(Failure::failed)?, shell)
        }
        _ => {
            let selection = bulk::preview(&desk.ctx, condition, decision).await;
            show(&selection.map_err(Failure::failed)?, shell);
            Ok(())
        }
    }
}

fn show(selection: &Selection, shell: &Shell) {
    let mut lines: Vec<String> = selection.tasks.iter().map(line).collect();
    lines.extend(selection.by_kind.iter().map(|(kind, count)| format!("{count:>6}  {}", kind.code())));
    lines.push(match selection.tasks.is_empty() {
        true => "no task meets these conditions".to_owned(),
        false => format!("decide exactly these: --token {} --reason …", selection.token),
    });
    let tasks: Vec<_> = selection.tasks.iter().map(entry).collect();
    let json = json!({ "tasks": tasks, "byKind": selection.by_kind, "token": selection.token });
    shell.output.result(lines.join("\n"), &json);
}

fn tell(outcomes: &[Outcome], shell: &Shell) -> Result<(), Failure> {
    let refusal = |it: &Outcome| it.refusal.as_ref().map(|(code, message)| format!("  {code}: {message}"));
    let told = |it: &Outcome| line(&it.task) + &refusal(it).unwrap_or_default();
    let json = |it: &Outcome| {
        let refusal = it.refusal.as_ref().map(|(code, message)| json!({ "code": code, "message": message }));
        json!({ "task": entry(&it.task), "refusal": refusal })
    };
    let text = outcomes.iter().map(told).collect::<Vec<_>>().join("\n");
    shell.output.result(text, &outcomes.iter().map(json).collect::<Vec<_>>());
    match outcomes.iter().filter(|it| it.refusal.is_some()).count() {
        0 => Ok(()),
        refused => {
            let error = anyhow::anyhow!("{refused} of {} tasks were not decided", outcomes.len());
            Err(Failure::failed(error).with_hint("each says why; the others were decided"))
        }
    }
}
