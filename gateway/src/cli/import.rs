//! `gateway import`: takes in a file that a partner or another system has exported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use connectors::csv::{BrokenRow, Config as CsvConfig, Csv, Encoding, Headers};
use domain::codes::UnknownCode;
use domain::fields::RecordKind;
use domain::sources::SourceSystem;
use serde_json::json;

use super::sync::Shown;
use super::{Failure, Shell, sheet, signals};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::jobs::Stop;
use crate::platform::telemetry::Telemetry;
use crate::spreadsheets::SheetKind;
use crate::startup::Services;
use crate::sync::run::{self, Extent, SyncJob, SyncScope};

/// Take in a CSV file that a partner or another system has exported
///
/// The rows are what that system says: they are matched, compared and settled like everything else. A row that cannot be read is
/// reported with its line and the rest is taken in. Taking in the same file again changes nothing; a row that is no longer in it
/// is left as it is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file: UTF-8 with or without a mark, or CP932; its first line names the columns
    file: PathBuf,

    /// What its rows are: account, contact, lead or opportunity as another system says them (the mapping says so when there is
    /// one); or partner, partner-user, contract or territory as they are entered here
    #[arg(long, value_name = "KIND", value_parser = kind, default_value = "lead")]
    kind: Kind,

    /// Which column holds which field; without one, columns are named as fields are, and `id` tells rows apart
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,

    /// Code of the system that the rows come from, `CSV` when left out; it needs a rank in the precedence policy
    #[arg(long, value_name = "CODE")]
    system: Option<SourceSystem>,

    /// The characters of the file
    #[arg(long, value_enum, default_value = "detect")]
    encoding: Characters,

    /// Only say what would change
    #[arg(long)]
    dry_run: bool,

    /// Write the rows that could not be read here, as CSV with line, id, code and reason; of partners, partner users, contracts
    /// and territories every row with what became of it
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml import leads.csv --dry-run
  gateway --config gateway.toml import 案件一覧.csv --mapping hokuto.toml --report broken.csv
  gateway --config gateway.toml import old-prm.csv --system PRM --encoding cp932
  gateway --config gateway.toml import パートナー一覧.csv --kind partner --dry-run --report rows.csv

A mapping:
  kind = \"lead\"
  id = \"管理番号\"
  modified = \"更新日\"
  [fields]
  company = \"会社名\"
  stage = { column = \"状況\", values = { \"新規\" = \"NEW\" } }";

/// The characters of a file.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Characters {
    Detect,
    Utf8,
    Cp932,
}

impl From<Characters> for Encoding {
    fn from(characters: Characters) -> Self {
        match characters {
            Characters::Detect => Self::Detect,
            Characters::Utf8 => Self::Utf8,
            Characters::Cp932 => Self::Cp932,
        }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// What another system says.
    Record(RecordKind),
    /// What is entered here.
    Sheet(SheetKind),
}

fn kind(text: &str) -> Result<Kind, UnknownCode> {
    match text.parse::<SheetKind>() {
        Ok(sheet) => Ok(Kind::Sheet(sheet)),
        Err(_) => text.to_uppercase().parse().map(Kind::Record),
    }
}

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let stop = Stop::when(signals::stopping()?);
    let outcome = match arguments.kind {
        Kind::Record(kind) => import(&arguments, kind, &config, stop, shell).await,
        Kind::Sheet(kind) => take_in(&arguments, kind, &config, shell).await,
    };
    telemetry.end().await;
    outcome
}

/// Rows of what is entered here.
async fn take_in(
    arguments: &Arguments,
    kind: SheetKind,
    config: &Config,
    shell: &Shell,
) -> Result<(), Failure> {
    if arguments.mapping.is_some() || arguments.system.is_some() {
        let problem = anyhow!("--mapping and --system are for what other systems say");
        return Err(Failure::usage(problem).with_hint("leave them out; docs/import.md lists the columns"));
    }
    let request = sheet::Request {
        kind,
        file: &arguments.file,
        encoding: arguments.encoding.into(),
        is_dry_run: arguments.dry_run,
        report: arguments.report.as_deref(),
    };
    sheet::take_in(&request, config, shell).await
}

async fn import(
    arguments: &Arguments,
    kind: RecordKind,
    config: &Config,
    stop: Stop,
    shell: &Shell,
) -> Result<(), Failure> {
    let system = arguments.system.clone().unwrap_or_else(|| CSV.parse().expect("a system's code"));
    check_system(&system, config)?;
    let file = Arc::new(Csv::new(settings(arguments, kind, &system)?));
    let broken = file.broken_rows().map_err(Failure::usage)?;
    let services = Services::open(config, Clock::default()).await.map_err(Failure::usage)?;
    services.database.check_schema().await.map_err(Failure::failed)?;
    services.seed().await.map_err(Failure::failed)?;
    check_rank(&services, &system).await?;
    let job = SyncJob { stop, ..services.reading(file) };
    let scope = SyncScope { extent: Extent::Full, is_dry_run: arguments.dry_run, ..SyncScope::default() };
    let (id, counts) = run::run(&job, &scope, &Shown::new(shell.output)).await.map_err(Failure::failed)?;
    if let Some(report) = &arguments.report {
        write_report(report, &broken).map_err(Failure::failed)?;
    }
    let would = if arguments.dry_run { " (nothing was written)" } else { "" };
    let mut text = format!(
        "{} rows read, {} changed, {} unchanged, {} broken{would}",
        counts.read,
        counts.changed,
        counts.unchanged,
        broken.len()
    );
    for row in broken.iter().take(SHOWN) {
        text = format!("{text}\n  line {}: {}", row.line, row.reason);
    }
    if broken.len() > SHOWN {
        text = format!("{text}\n  and {} more; name a file with --report for all", broken.len() - SHOWN);
    }
    let rows: Vec<_> = broken
        .iter()
        .map(|it| json!({ "line": it.line, "id": it.id, "code": it.code, "reason": it.reason }))
        .collect();
    let json = json!({ "run": id, "counts": counts, "dryRun": arguments.dry_run, "broken": rows });
    shell.output.result(text, &json);
    Ok(())
}

/// A file speaks for itself: its rows are neither what people enter here, nor what a connected CRM says under ids of its own.
fn check_system(system: &SourceSystem, config: &Config) -> Result<(), Failure> {
    let hint = "give the file's system a code of its own, and that code a rank in the precedence policy";
    if *system == SourceSystem::own() {
        return Err(Failure::usage(anyhow!("OWN is what people enter here")).with_hint(hint));
    }
    match config.sources.iter().find(|(_, it)| it.system == *system) {
        None => Ok(()),
        Some((name, _)) => {
            let problem = anyhow!("{system} is read by [sources.{name}]; a file cannot speak for it");
            Err(Failure::usage(problem).with_hint(hint))
        }
    }
}

/// A system without a rank would lose every tie, whatever people think of it.
async fn check_rank(services: &Services, system: &SourceSystem) -> Result<(), Failure> {
    let engine = services.mastering().engine(services.database.read()).await.map_err(Failure::failed)?;
    match engine.policies.precedence.rank(system) {
        Some(_) => Ok(()),
        None => {
            let hint =
                "give it one in a precedence policy (`gateway policy draft`), or name a system that has one";
            Err(Failure::usage(anyhow!("the precedence policy has no rank for {system}")).with_hint(hint))
        }
    }
}

/// Broken rows that are shown without a report.
const SHOWN: usize = 10;
/// Code of a file's system, unless told otherwise.
const CSV: &str = "CSV";

fn settings(arguments: &Arguments, kind: RecordKind, system: &SourceSystem) -> Result<CsvConfig, Failure> {
    let headers = match &arguments.mapping {
        None => Headers::by_name(kind),
        Some(path) => {
            let named = |error: anyhow::Error| {
                Failure::usage(error.context(format!("cannot use {}", path.display())))
            };
            let text = std::fs::read_to_string(path).map_err(|it| named(it.into()))?;
            Headers::parse(&text).map_err(|it| named(it.into()))?
        }
    };
    let encoding = arguments.encoding.into();
    Ok(CsvConfig { system: system.clone(), path: arguments.file.clone(), encoding, headers })
}

fn write_report(path: &Path, broken: &[BrokenRow]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["line", "id", "code", "reason"])?;
    for row in broken {
        let line = row.line.to_string();
        writer.write_record([
            line.as_str(),
            row.id.as_deref().unwrap_or_default(),
            row.code,
            row.reason.as_str(),
        ])?;
    }
    Ok(writer.flush()?)
}
