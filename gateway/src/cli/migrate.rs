//! `gateway migrate`: brings the database's schema to this version.

use clap::Args;
use serde_json::json;

use super::{Failure, Shell};
use crate::startup;

/// Bring the database to this version, or tell whether it is
///
/// Changes are applied in order and once; replicas started together wait for each other. A database that a
/// newer version has changed is left alone.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Change nothing: tell whether the schema is the one this version needs (exit code 1 if not)
    #[arg(long)]
    status: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway migrate                                                    the configured database
  GATEWAY__DATABASE__URL=sqlite://try.db gateway migrate             another one
  gateway migrate --status                                           only look";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let done = async {
        match arguments.status {
            true => startup::existing_database(&config.database).await?.check_schema().await?,
            false => startup::database(&config.database).await?.migrate().await?,
        }
        anyhow::Ok(())
    };
    done.await.map_err(Failure::failed)?;
    shell.output.result("the schema is up to date", &json!({"schema": "up to date"}));
    Ok(())
}
