//! `gateway sync errors`, `retry` and `ignore`: the error log, and what to do about it.

use anyhow::anyhow;
use clap::Args;
use domain::codes::UnknownCode;
use domain::review::Reason;
use domain::sources::SourceSystem;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use entity::sync::sync_error;
use serde_json::{Value, json};
use uuid::Uuid;

use super::table::table;
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::startup;
use crate::sync::failures::which::Which;
use crate::sync::failures::work::{self, Deed, Done, Order};
use crate::sync::service;

/// Which entries; all conditions that are given must hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct Filter {
    /// Of this source, by its code; may be repeated
    #[arg(long = "system", value_name = "CODE")]
    systems: Vec<SourceSystem>,

    /// Of this object, by the source's own name; may be repeated
    #[arg(long = "object", value_name = "NAME")]
    objects: Vec<String>,

    /// Of this kind, such as validation or schema; may be repeated
    #[arg(long = "category", value_name = "KIND", value_parser = code::<SyncErrorCategory>)]
    categories: Vec<SyncErrorCategory>,

    /// In this state: open, retrying, resolved or ignored; may be repeated. Open and retrying when left out
    #[arg(long = "state", value_name = "STATE", value_parser = code::<SyncErrorState>)]
    states: Vec<SyncErrorState>,

    /// This record, by the CRM's id; may be repeated
    #[arg(long = "record", value_name = "CRM_ID")]
    records: Vec<String>,

    /// Going this way: inbound or outbound
    #[arg(long, value_name = "WAY", value_parser = code::<SyncDirection>)]
    direction: Option<SyncDirection>,

    /// Last seen by this run
    #[arg(long, value_name = "ID")]
    run: Option<Uuid>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        let lists = [self.systems.len(), self.objects.len(), self.categories.len(), self.states.len()];
        lists.iter().all(|it| *it == 0)
            && self.records.is_empty()
            && self.direction.is_none()
            && self.run.is_none()
    }

    fn which(self, ids: Vec<Uuid>) -> Which {
        Which {
            ids: ids.into_iter().map(Into::into).collect(),
            systems: self.systems,
            objects: self.objects,
            direction: self.direction,
            categories: self.categories,
            states: self.states,
            external_ids: self.records,
            golden: None,
            run: self.run.map(Into::into),
        }
    }
}

fn code<C: std::str::FromStr<Err = UnknownCode>>(text: &str) -> Result<C, UnknownCode> {
    text.to_uppercase().replace('-', "_").parse()
}

/// Show records that could not be taken in or written back
///
/// Records that may succeed by themselves are tried again, with growing pauses; they disappear from this list when that
/// succeeds. The others wait for somebody to mend them.
#[derive(Debug, Args)]
#[command(after_help = ERRORS_EXAMPLES)]
pub(crate) struct ErrorsArguments {
    #[command(flatten)]
    filter: Filter,

    /// How many, those that failed last first
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u64,
}

const ERRORS_EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync errors
  gateway --config gateway.toml sync errors --record 00Q5g000001abCD      what became of one record
  gateway --config gateway.toml sync errors --category schema --object Lead
  gateway --config gateway.toml --json sync errors --state ignored --limit 1000";

/// Have records tried again as soon as possible
///
/// Also those that are not tried by themselves: after a mapping was completed, for example. The next run does it, or the
/// serving process within seconds.
#[derive(Debug, Args)]
#[command(after_help = RETRY_EXAMPLES)]
pub(crate) struct RetryArguments {
    /// Ids of entries, as `--json sync errors` shows them
    ids: Vec<Uuid>,

    #[command(flatten)]
    filter: Filter,

    /// Only say which entries it would be
    #[arg(long)]
    dry_run: bool,
}

const RETRY_EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync retry --category schema
  gateway --config gateway.toml sync retry --record 00Q5g000001abCDEAY
  gateway --config gateway.toml sync retry --system CRM --dry-run";

/// Ignore failures, with a reason
#[derive(Debug, Args)]
#[command(after_help = IGNORE_EXAMPLES)]
pub(crate) struct IgnoreArguments {
    /// Ids of entries, as `--json sync errors` shows them
    ids: Vec<Uuid>,

    #[command(flatten)]
    filter: Filter,

    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Reason,

    /// Only say which entries it would be
    #[arg(long)]
    dry_run: bool,
}

const IGNORE_EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync ignore --record 00Q5g000001abCDEAY --reason 'a test record'
  gateway --config gateway.toml sync ignore --category validation --object Opportunity --reason 'closed years ago' --dry-run";

pub(super) async fn show(arguments: ErrorsArguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let database = startup::existing_database(&config.database).await.map_err(Failure::usage)?;
    database.check_schema().await.map_err(Failure::failed)?;
    let which = arguments.filter.which(Vec::new());
    let errors = service::errors(&database, &which, arguments.limit).await.map_err(Failure::failed)?;
    let text = if errors.is_empty() { "nothing".to_owned() } else { lines(&errors) };
    shell.output.result(text, &errors.iter().map(error_json).collect::<Vec<_>>());
    Ok(())
}

pub(super) async fn retry(arguments: RetryArguments, shell: &Shell) -> Result<(), Failure> {
    let named = (arguments.ids, arguments.filter);
    work(named, Deed::Retry, arguments.dry_run, shell).await
}

pub(super) async fn ignore(arguments: IgnoreArguments, shell: &Shell) -> Result<(), Failure> {
    let named = (arguments.ids, arguments.filter);
    work(named, Deed::Ignore(arguments.reason), arguments.dry_run, shell).await
}

async fn work(
    (ids, filter): (Vec<Uuid>, Filter),
    deed: Deed,
    is_dry_run: bool,
    shell: &Shell,
) -> Result<(), Failure> {
    if ids.is_empty() && filter.is_empty() {
        let error = anyhow!("neither ids nor a filter were given, which would mean every entry");
        return Err(Failure::usage(error).with_hint("name one, for example --state open"));
    }
    let verb = match (&deed, is_dry_run) {
        (Deed::Retry, false) => "to be tried again",
        (Deed::Retry, true) => "would be tried again",
        (Deed::Ignore(_), false) => "ignored",
        (Deed::Ignore(_), true) => "would be ignored",
    };
    let desk = Desk::open(shell, None).await?;
    let order = Order { which: filter.which(ids), deed, is_dry_run };
    let done = work::work(&desk.ctx, None, order).await.map_err(Failure::failed)?;
    shell.output.result(told(&done, verb), &done_json(&done, is_dry_run));
    Ok(())
}

fn told(done: &Done, verb: &str) -> String {
    let shown = if done.first.is_empty() { String::new() } else { format!("\n{}", lines(&done.first)) };
    format!("{} entries {verb}{shown}", done.count)
}

fn lines(errors: &[sync_error::Model]) -> String {
    let head = ["LAST SEEN", "RECORD", "CATEGORY", "STATE", "TRIED", "NEXT", "WHAT"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(errors.iter().map(|it| {
        let next = it.next_attempt_at.map_or("-".to_owned(), |at| at.format("%F %TZ").to_string());
        vec![
            it.last_seen_at.format("%F %TZ").to_string(),
            format!("{}/{}/{}", it.system, it.object, it.external_id),
            it.category.to_string(),
            it.state.to_string(),
            it.attempts.to_string(),
            next,
            it.message.clone(),
        ]
    }));
    table(&rows)
}

fn error_json(error: &sync_error::Model) -> Value {
    let payload = error.payload.as_deref().and_then(|it| serde_json::from_str::<Value>(it).ok());
    json!({
        "id": error.id, "runId": error.run_id, "direction": error.direction,
        "system": error.system, "object": error.object, "externalId": error.external_id,
        "category": error.category, "code": error.code, "message": error.message,
        "sourceMessage": error.source_message, "payload": payload,
        "state": error.state, "reason": error.reason, "isRetryable": error.is_retryable,
        "attempts": error.attempts, "firstSeenAt": error.first_seen_at, "lastSeenAt": error.last_seen_at,
        "nextAttemptAt": error.next_attempt_at,
    })
}

fn done_json(done: &Done, is_dry_run: bool) -> Value {
    let by_category: serde_json::Map<String, Value> =
        done.by_category.iter().map(|(it, count)| (it.code().to_owned(), json!(count))).collect();
    json!({
        "count": done.count, "dryRun": is_dry_run, "byCategory": by_category,
        "errors": done.first.iter().map(error_json).collect::<Vec<_>>(),
    })
}
