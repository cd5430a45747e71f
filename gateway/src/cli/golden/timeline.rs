//! `gateway lead timeline`: every change of a served value.

use chrono::SecondsFormat;
use clap::Args;
use domain::fields::RecordKind;
use mastering::history::timeline::Change;
use serde_json::{Value, json};

use super::merge::id;
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::golden::graphql::{field_named, source};
use crate::golden::history::service;
use crate::golden::loader::RecordRef;

/// Tell every change of a field, or of all, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gateway lead timeline TGVhZDowMTk… phone
  gateway --json account timeline 01977a3e-… | jq '.[].cause'")]
pub(crate) struct Arguments {
    /// The record: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,

    /// The field, such as `phone` or `lastName`; all when left out
    #[arg(value_name = "FIELD")]
    field: Option<String>,
}

pub(super) async fn run(kind: RecordKind, arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let record = RecordRef { kind, id: id(kind, &arguments.id)? };
    let field = arguments.field.map(|it| field_named(kind, &it)).transpose().map_err(Failure::usage)?;
    let desk = Desk::open(shell, None).await?;
    let fields: Vec<_> = field.into_iter().collect();
    let wanted = (!fields.is_empty()).then_some(fields.as_slice());
    let changes = service::changes(&desk.ctx, record, wanted).await.map_err(Failure::failed)?;
    let changes = changes.ok_or_else(|| Failure::failed(anyhow::anyhow!("there is no such record")))?;
    let text = changes.iter().map(line).collect::<Vec<_>>().join("\n");
    shell.output.result(text, &changes.iter().map(entry).collect::<Vec<_>>());
    Ok(())
}

fn line(it: &Change) -> String {
    let value = it.settlement.as_ref().and_then(|it| it.value.as_deref()).unwrap_or("(empty)");
    let why = it.settlement.as_ref().map(|it| format!("{}, {}", source(it), it.step.code()));
    let at = it.recorded_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let why = why.unwrap_or_else(|| "nobody says anything".to_owned());
    format!("{at}  {:20} = {value}  ({why}; {})", it.field.name(), it.cause.code())
}

fn entry(it: &Change) -> Value {
    let settlement = it.settlement.as_ref();
    json!({
        "field": it.field.name(),
        "recordedAt": it.recorded_at,
        "effectiveAt": settlement.map(|it| it.origin.changed_at),
        "value": settlement.and_then(|it| it.value.as_deref()),
        "source": settlement.map(|it| source(it).to_string()),
        "rule": settlement.map(|it| it.step.code()),
        "policyVersion": it.policy,
        "cause": it.cause.code(),
    })
}
