//! `gateway sync run`: reads what is new in the CRMs, or everything, or compares all of it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use clap::Args;
use connectors::Connector;
use domain::codes::UnknownCode;
use domain::fields::RecordKind;
use domain::ids::SyncRunId;
use entity::sync::sync_object_report;
use serde_json::{Value, json};

use super::Shown;
use super::table::table;
use crate::cli::{Failure, Shell, signals};
use crate::platform::clock::Clock;
use crate::platform::config;
use crate::platform::jobs::Stop;
use crate::platform::telemetry::Telemetry;
use crate::startup::Services;
use crate::sync::lease::Claim;
use crate::sync::run::{self, Counts, Extent, Observer, SyncFailure, SyncJob, SyncScope};

/// How often a run that waits looks whether it is its turn.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Read what is new in the CRMs
///
/// Each page is stored in one transaction together with the place to go on from: whenever a run is stopped or
/// killed, the next one goes on there, and nothing is lost or doubled. A record that cannot be taken in is logged; it
/// holds back nothing else. One run at a time reads a source, in whatever process.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Only this source, by the name of its section; all when left out
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// Only this kind: account, contact, lead or opportunity; may be repeated
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    kinds: Vec<RecordKind>,

    /// Only this object, by the CRM's own name; may be repeated
    #[arg(long = "object", value_name = "NAME")]
    objects: Vec<String>,

    /// From the beginning instead of from where the last run ended
    #[arg(long, conflicts_with_all = ["reconcile", "since"])]
    full: bool,

    /// Compare the ids and stamps of everything, fetch what differs, and report it
    #[arg(long, conflicts_with = "since")]
    reconcile: bool,

    /// With --reconcile: then also read everything and compare what it says, whatever the stamps are
    #[arg(long, requires = "reconcile")]
    contents: bool,

    /// What changed at or after this instant by the CRM's clock, such as 2026-06-01T00:00:00Z; at least what is new
    #[arg(long, value_name = "INSTANT")]
    since: Option<DateTime<Utc>>,

    /// Just the fields whose changes move no stamp, such as formulas, of everything
    #[arg(long, conflicts_with_all = ["full", "reconcile", "since"])]
    computed: bool,

    /// Only say what would change
    #[arg(long)]
    dry_run: bool,

    /// Wait so long for a run that is under way, such as 5m
    #[arg(long, value_name = "TIME", value_parser = config::length_of_time, default_value = "0s")]
    wait: Duration,

    /// Take the turn of a run that is under way; it stops at its next page
    #[arg(long)]
    take_over: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync run
  gateway --config gateway.toml sync run --source crm --kind lead
  gateway --config gateway.toml sync run --reconcile --dry-run     what a comparison would find
  gateway --config gateway.toml sync run --reconcile --contents    whether every record says the same here and there
  gateway --config gateway.toml sync run --since 2026-06-01T00:00:00Z --object Lead
  gateway --config gateway.toml sync run --wait 5m                 behind a run that is under way
  gateway --config gateway.toml --json sync run          counts as JSON, progress beside them on the error output";

fn kind(text: &str) -> Result<RecordKind, UnknownCode> {
    text.to_uppercase().parse()
}

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let stop = Stop::when(signals::stopping()?);
    let outcome = read(&arguments, &config, &stop, shell).await;
    telemetry.end().await;
    outcome
}

async fn read(
    arguments: &Arguments,
    config: &config::Config,
    stop: &Stop,
    shell: &Shell,
) -> Result<(), Failure> {
    let services = Services::open(config, Clock::default()).await.map_err(Failure::usage)?;
    services.database.check_schema().await.map_err(Failure::failed)?;
    services.seed().await.map_err(Failure::failed)?;
    services.check_ranks(&config.sources).await.map_err(Failure::usage)?;
    let wanted = |name: &str| arguments.source.as_deref().is_none_or(|it| it == name);
    let sources: Vec<_> = config.sources.iter().filter(|(name, _)| wanted(name)).collect();
    if sources.is_empty() {
        let hint = "describe the CRM in a section such as [sources.crm]; see docs/configuration.md";
        return Err(Failure::usage(anyhow!("there is no such source in the configuration")).with_hint(hint));
    }
    let mut jobs = Vec::new();
    for (name, source) in sources {
        let job = services.sync_job(name, source, &config.jobs).map_err(Failure::usage)?;
        let scope = scope(arguments, &*job.connector)?;
        jobs.push((name, SyncJob { stop: stop.clone(), ..job }, scope));
    }
    let mut failures = Vec::new();
    for (name, job, scope) in &jobs {
        // A CRM that is away keeps nobody from the others.
        if let Err(failure) = read_one(name, job, scope, arguments.wait, shell).await {
            shell.output.note(format_args!("{name}: {}", failure.message()));
            failures.push(failure);
        }
    }
    failures.into_iter().next().map_or(Ok(()), Err)
}

/// Reads a source and shows how that went, object by object, also where it failed.
async fn read_one(
    name: &str,
    job: &SyncJob,
    scope: &SyncScope,
    wait: Duration,
    shell: &Shell,
) -> Result<(), Failure> {
    let shown = Noted { shown: Shown::new(shell.output), reports: Mutex::default() };
    let ran = in_turn(job, scope, wait, &shown, shell).await;
    let reports = shown.reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    match ran {
        Ok(ran) => show(name, ran, &reports, scope, shell),
        Err(failure) => {
            if !reports.is_empty() {
                shell.output.note(table(&rows(&reports)));
            }
            return Err(failure);
        }
    }
    Ok(())
}

/// Shows a run, and keeps what it says of each object.
struct Noted {
    shown: Shown,
    reports: Mutex<Vec<sync_object_report::Model>>,
}

impl Observer for Noted {
    fn begin(&self, kind: RecordKind) {
        self.shown.begin(kind);
    }

    fn page(&self, kind: RecordKind, counts: Counts, total: Option<u64>) {
        self.shown.page(kind, counts, total);
    }

    fn end(&self, kind: RecordKind, counts: Counts) {
        self.shown.end(kind, counts);
    }

    fn report(&self, report: &sync_object_report::Model) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report.clone());
    }
}

fn scope(arguments: &Arguments, connector: &dyn Connector) -> Result<SyncScope, Failure> {
    let mut kinds = arguments.kinds.clone();
    for object in &arguments.objects {
        let named = |kind: &RecordKind| connector.object(*kind).is_ok_and(|it| it == object);
        let kind = connector.kinds().into_iter().find(named);
        let none = || Failure::usage(anyhow!("{} has no mapped object {object}", connector.system()));
        kinds.push(kind.ok_or_else(none)?);
    }
    let extent = match (arguments.full, arguments.reconcile, arguments.since) {
        (true, ..) => Extent::Full,
        (_, true, _) if arguments.contents => Extent::Contents,
        (_, true, _) => Extent::Reconcile,
        (_, _, Some(since)) => Extent::Since(since),
        _ if arguments.computed => Extent::Computed,
        _ => Extent::New,
    };
    let claim = if arguments.take_over { Claim::TakeOver } else { Claim::WhenFree };
    Ok(SyncScope { kinds, extent, is_dry_run: arguments.dry_run, claim, tick: None })
}

/// Runs, behind whoever has the turn for as long as we are to wait.
async fn in_turn(
    job: &SyncJob,
    scope: &SyncScope,
    wait: Duration,
    shown: &Noted,
    shell: &Shell,
) -> Result<(SyncRunId, Counts), Failure> {
    let mut left = wait;
    loop {
        match run::run(job, scope, shown).await {
            Err(SyncFailure::Held(held)) if left.is_zero() => {
                let hint = "wait for it with --wait 5m, or take its turn with --take-over";
                return Err(Failure::failed(SyncFailure::Held(held)).with_hint(hint));
            }
            Err(SyncFailure::Held(held)) => {
                if left == wait {
                    shell.output.note(format_args!("waiting: {held}"));
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY.min(left)) => {}
                    () = job.stop.requested() => return Err(Failure::failed(SyncFailure::Stopped)),
                }
                left = left.saturating_sub(LOOK_EVERY);
            }
            outcome => return outcome.map_err(Failure::failed),
        }
    }
}

fn show(
    name: &str,
    (id, counts): (SyncRunId, Counts),
    reports: &[sync_object_report::Model],
    scope: &SyncScope,
    shell: &Shell,
) {
    let would = if scope.is_dry_run { " (nothing was written)" } else { "" };
    let mut text = format!(
        "{name}: {} records read, {} changed, {} unchanged, {} failed{would}",
        counts.read, counts.changed, counts.unchanged, counts.failed
    );
    if !reports.is_empty() {
        text = format!("{text}\n{}", table(&rows(reports)));
    }
    let objects: Vec<Value> = reports.iter().map(report_json).collect();
    let json = json!({
        "source": name, "run": id, "counts": counts, "dryRun": scope.is_dry_run, "objects": objects,
    });
    shell.output.result(text, &json);
}

fn rows(reports: &[sync_object_report::Model]) -> Vec<Vec<String>> {
    let head =
        ["OBJECT", "READ BY", "CAME", "OF", "CHANGED", "FAILED", "MISSING", "STALE", "SURPLUS", "MENDED"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(reports.iter().map(|it| {
        let compared = |count: i64| if it.at_source.is_some() { count.to_string() } else { "-".to_owned() };
        vec![
            it.object.clone(),
            it.method.map_or("-".to_owned(), |it| it.to_string()),
            it.records_received.to_string(),
            it.records_expected.map_or("?".to_owned(), |it| it.to_string()),
            it.records_changed.to_string(),
            it.records_failed.to_string(),
            compared(it.missing),
            compared(it.stale),
            compared(it.surplus),
            compared(it.repaired),
        ]
    }));
    rows
}

/// A report for machines.
pub(super) fn report_json(report: &sync_object_report::Model) -> Value {
    json!({
        "object": report.object, "method": report.method, "isComplete": report.is_complete,
        "received": report.records_received, "expected": report.records_expected,
        "changed": report.records_changed, "unchanged": report.records_unchanged,
        "failed": report.records_failed, "atSource": report.at_source, "missing": report.missing,
        "stale": report.stale, "surplus": report.surplus, "repaired": report.repaired,
        "oldestUnseenStamp": report.oldest_unseen_stamp, "message": report.message,
        "startedAt": report.started_at, "endedAt": report.ended_at,
    })
}
