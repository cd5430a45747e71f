//! `gateway engagement`: events of tools that have no connection of their own.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use clap::{Args, Subcommand};
use futures::{Stream, stream};

use super::desk::Desk;
use super::progress::Progress;
use super::{Failure, Shell};
use crate::engagement::intake::SCOPE;
use crate::engagement::upload::{self, Summary};
use crate::platform::http::{Lines, MOST_LINE_BYTES};

/// Take in what partners did with our support
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Import(ImportArguments),
}

/// Take in a file of engagement events, one a line as JSON
///
/// Each line is judged alone: one that is wrong is reported and keeps nothing else out. Taking in the same file again changes
/// nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ImportArguments {
    /// The file: NDJSON in UTF-8
    file: PathBuf,

    /// The system whose ids the `eventId`s are
    #[arg(long, value_name = "NAME")]
    source: String,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml engagement import lms-2026-06.ndjson --source lms
  gateway --config gateway.toml engagement import portal.ndjson --source portal --json

A line:
  {\"eventId\":\"4711\",\"kind\":\"portal.login\",\"partnerId\":\"UGFydG5lcjow…\",\"userId\":\"UGFydG5lclVzZXI6…\",\"occurredAt\":\"2026-06-01T09:00:00+09:00\"}";

/// Refused lines that are shown to people.
const SHOWN: usize = 10;
/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import(arguments, shell).await,
    }
}

async fn import(arguments: ImportArguments, shell: &Shell) -> Result<(), Failure> {
    let mut lines = Lines::of(chunks(open(&arguments.file)?), MOST_LINE_BYTES);
    let mut desk = Desk::open(shell, None).await?;
    desk.ctx.caller.scopes = vec![format!("{SCOPE}{}", arguments.source)];
    let mut progress = Progress::begin(shell.output, "events", None);
    let mut before = 0;
    let advance = |lines: u64| {
        progress.advance(lines - before);
        before = lines;
    };
    let summary = upload::take(&desk.ctx, &mut lines, advance).await;
    progress.end();
    let summary = summary.map_err(Failure::failed)?;
    shell.output.result(text(&summary), &summary);
    Ok(())
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        Failure::usage(anyhow::Error::new(error).context(format!("cannot read {}", path.display())))
    })
}

/// The bytes of a file, bit by bit.
fn chunks(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk)?;
        chunk.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(chunk), file)))
    })
}

fn text(summary: &Summary) -> String {
    let Summary { received, accepted, duplicates, refused, .. } = summary;
    let mut text =
        format!("{received} events read: {accepted} taken in, {duplicates} known before, {refused} refused");
    for line in summary.refusals.iter().take(SHOWN) {
        text = format!("{text}\n  line {}: {} ({})", line.line, line.message, line.code);
    }
    match summary.refused.saturating_sub(SHOWN as u64) {
        0 => text,
        more => format!("{text}\n  and {more} more; --json names them"),
    }
}
