//! Spreadsheets of what is entered here, in and out: partners, their users, contracts, territories.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use connectors::csv::{Encoding, Sheet};
use serde_json::json;

use super::{Failure, Shell};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::spreadsheets::{self, ImportError, Outcome, Report, SheetKind};
use crate::startup::Services;

/// What is to be taken in.
pub(super) struct Request<'a> {
    pub(super) kind: SheetKind,
    pub(super) file: &'a Path,
    pub(super) encoding: Encoding,
    pub(super) is_dry_run: bool,
    pub(super) report: Option<&'a Path>,
}

/// Refused rows that are shown without a report.
const SHOWN: usize = 10;

/// Takes a file in, or tells what would become of it.
pub(super) async fn take_in(request: &Request<'_>, config: &Config, shell: &Shell) -> Result<(), Failure> {
    let bytes =
        std::fs::read(request.file).with_context(|| format!("cannot read {}", request.file.display()));
    let sheet = Sheet::parse(&bytes.map_err(Failure::usage)?, request.encoding).map_err(Failure::usage)?;
    let ctx = opened(config).await?.context_of("operator");
    let outcome = match request.is_dry_run {
        true => spreadsheets::rehearse(&ctx, request.kind, &sheet).await,
        false => spreadsheets::import(&ctx, request.kind, &sheet).await,
    };
    let report = outcome.map_err(|error| match error {
        ImportError::File(it) => Failure::usage(it),
        ImportError::Store(it) => Failure::failed(it),
    })?;
    if let Some(path) = request.report {
        write_report(path, &report).map_err(Failure::failed)?;
    }
    show(&report, request.is_dry_run, shell);
    Ok(())
}

/// Writes all rows of a kind.
pub(super) async fn write(
    kind: SheetKind,
    out: Option<&Path>,
    config: &Config,
    shell: &Shell,
) -> Result<(), Failure> {
    let ctx = opened(config).await?.context_of("operator");
    let Some(path) = out else {
        spreadsheets::export(&ctx, kind, io::stdout().lock()).await.map_err(Failure::failed)?;
        return Ok(());
    };
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()));
    let mut file = BufWriter::new(file.map_err(Failure::usage)?);
    let count = spreadsheets::export(&ctx, kind, &mut file).await.map_err(Failure::failed)?;
    file.flush().map_err(Failure::failed)?;
    shell.output.note(format_args!("{count} rows in {}", path.display()));
    Ok(())
}

async fn opened(config: &Config) -> Result<Services, Failure> {
    let services = Services::open(config, Clock::default()).await.map_err(Failure::usage)?;
    services.database.check_schema().await.map_err(Failure::failed)?;
    Ok(services)
}

fn show(report: &Report, is_dry_run: bool, shell: &Shell) {
    let [created, updated, unchanged, refused] =
        [Outcome::Created, Outcome::Updated, Outcome::Unchanged, Outcome::Refused].map(|it| report.count(it));
    let would = if is_dry_run { " (nothing was written)" } else { "" };
    let mut text =
        format!("{created} created, {updated} updated, {unchanged} unchanged, {refused} refused{would}");
    for row in report.rows.iter().filter(|it| it.outcome == Outcome::Refused).take(SHOWN) {
        text = format!("{text}\n  line {}: {}", row.line, row.reason.as_deref().unwrap_or_default());
    }
    if refused > SHOWN {
        text = format!("{text}\n  and {} more; name a file with --report for all", refused - SHOWN);
    }
    let counts =
        json!({ "created": created, "updated": updated, "unchanged": unchanged, "refused": refused });
    let json = json!({ "counts": counts, "dryRun": is_dry_run, "rows": report.rows });
    shell.output.result(text, &json);
}

fn write_report(path: &Path, report: &Report) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["line", "outcome", "code", "reason"])?;
    for row in &report.rows {
        let (line, outcome) = (row.line.to_string(), row.outcome.into());
        let reason = row.reason.as_deref().unwrap_or_default();
        writer.write_record([line.as_str(), outcome, row.code.unwrap_or_default(), reason])?;
    }
    Ok(writer.flush()?)
}
