//! `gateway review show`: all that is needed to decide a task, as the API tells it.

use async_graphql::{Request, Variables};
use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::schema;

/// Show a task with its records side by side, the evidence, and what each answer would change
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway --config gateway.toml review show 01977a3e-…")]
pub(crate) struct ShowArguments {
    /// Its id
    #[arg(value_name = "TASK")]
    task: Uuid,
}

const QUESTION: &str = "query Task($id: UUID!) { reviewTask(id: $id) {
    id kind kindLabel state recordKind goldenIds score requestedBy deciders claimedBy createdAt
    records { system object externalId }
    finding { bandLabel reservationLabel vetoLabel } evidence { comparisonLabel levelLabel points }
    comparison { field left right agreementLabel }
    consequences { decision changesRecords survivorId otherId fields { field before other after } }
    details { name value } history { at actionLabel by decision reason } } }";

pub(super) async fn show(arguments: ShowArguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    let variables = Variables::from_json(json!({ "id": arguments.task }));
    let request = Request::new(QUESTION).variables(variables).data(desk.ctx);
    let answer = schema::builder().finish().execute(request).await;
    if let Some(error) = answer.errors.first() {
        return Err(Failure::failed(anyhow::anyhow!("{}", error.message)));
    }
    let answer = answer.data.into_json().map_err(Failure::failed)?;
    match &answer["reviewTask"] {
        Value::Null => Err(Failure::failed(anyhow::anyhow!("there is no such task"))),
        task => {
            shell.output.result(lines(task).join("\n"), task);
            Ok(())
        }
    }
}

fn lines(task: &Value) -> Vec<String> {
    let mut lines =
        vec![format!("{}  {}  {}", text(&task["id"]), text(&task["kindLabel"]), text(&task["state"]))];
    let record = |it: &Value| [&it["system"], &it["object"], &it["externalId"]].map(text).join("/");
    lines
        .push(format!("records   {}", all(&task["records"]).map(record).collect::<Vec<_>>().join("  and  ")));
    lines
        .push(format!("belong to {}", all(&task["goldenIds"]).map(text).collect::<Vec<_>>().join("  and  ")));
    lines.extend(said("asked by", &task["requestedBy"]));
    lines.extend(said("held by", &task["claimedBy"]));
    lines.extend(said("found", &task["finding"]["bandLabel"]));
    lines.extend(said("because", &task["finding"]["reservationLabel"]));
    lines.extend(said("against", &task["finding"]["vetoLabel"]));
    let evidence = |it: &Value| {
        format!("  {:>4}  {}: {}", it["points"], text(&it["comparisonLabel"]), text(&it["levelLabel"]))
    };
    lines.extend(all(&task["evidence"]).map(evidence));
    let compared = |it: &Value| {
        let [field, left, right, agreement] =
            [&it["field"], &it["left"], &it["right"], &it["agreementLabel"]].map(text);
        format!("  {field:20} {left}  |  {right}  ({agreement})")
    };
    lines.extend(all(&task["comparison"]).map(compared));
    lines.extend(all(&task["details"]).map(|it| format!("  {}: {}", text(&it["name"]), text(&it["value"]))));
    all(&task["consequences"]).for_each(|it| lines.extend(consequence(it)));
    let event = |it: &Value| {
        let [at, what, by, reason] = [&it["at"], &it["actionLabel"], &it["by"], &it["reason"]].map(text);
        format!("  {at}  {what}  {by}  {reason}")
    };
    lines.extend(all(&task["history"]).map(event));
    lines
}

/// What an answer would change.
fn consequence(it: &Value) -> Vec<String> {
    let what = if it["changesRecords"] == true { "changes" } else { "changes no record" };
    let field = |it: &Value| {
        let [field, before, other, after] =
            [&it["field"], &it["before"], &it["other"], &it["after"]].map(text);
        format!("    {field}: {before} (the other: {other}) -> {after}")
    };
    let mut lines = vec![format!("{}  {what}", text(&it["decision"]))];
    lines.extend(all(&it["fields"]).map(field));
    lines
}

fn said(what: &str, value: &Value) -> Option<String> {
    value.as_str().map(|it| format!("{what:9} {it}"))
}

fn all(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "–".to_owned(), str::to_owned)
}
