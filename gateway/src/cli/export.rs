//! `gateway export`: all golden records in one canonical form, or what is entered here as spreadsheets.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::{Failure, Shell, sheet};
use crate::golden::export::export;
use crate::spreadsheets::SheetKind;
use crate::startup;

/// Write all golden records as canonical JSON, one a line, or partners, users, contracts or territories as CSV
///
/// Equal stores give equal bytes: ids of our own and times of reading are left out. It says of every field which
/// source won, by which rule, and who lost. It contains persons: keep it as you keep the database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Instead of golden records: partner, partner-user, contract or territory, as CSV that `gateway import` takes in again
    #[arg(long, value_name = "KIND")]
    kind: Option<SheetKind>,

    /// Write here instead of to the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml export --out golden.ndjson
  gateway export | sha256sum                           are two stores the same?
  gateway --config gateway.toml export --kind contract --out 契約一覧.csv";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    if let Some(kind) = arguments.kind {
        return sheet::write(kind, arguments.out.as_deref(), &config, shell).await;
    }
    let database = startup::existing_database(&config.database).await.map_err(Failure::usage)?;
    database.check_schema().await.map_err(Failure::failed)?;
    match &arguments.out {
        Some(path) => {
            let file = File::create(path).map_err(|error| {
                Failure::usage(anyhow::Error::new(error).context(format!("cannot write {}", path.display())))
            })?;
            let mut out = BufWriter::new(file);
            let count = export(&database, &mut out).await.map_err(Failure::failed)?;
            out.flush().map_err(Failure::failed)?;
            shell.output.note(format_args!("{count} golden records in {}", path.display()));
        }
        None => drop(export(&database, &mut io::stdout()).await.map_err(Failure::failed)?),
    }
    Ok(())
}
