//! `gateway policy`: the life of policies on the command line.
//!
//! Here: the commands, and whom they speak for. Not here: the rules of that life (`policies`).

mod documents;
mod dry_run;
mod life;

use std::fs;
use std::path::Path;

use clap::{Args, Subcommand};
use domain::codes::UnknownCode;
use domain::ids::PolicyVersionId;
use domain::policies::PolicyKind;
use entity::policies::policy_version;
use uuid::Uuid;

use super::desk::Desk;
use super::{Failure, Shell};
use crate::policies::service::{self, Draft};

/// Write, try, approve and activate the rules: which value wins, and what makes two records one
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Validate(documents::ValidateArguments),
    Diff(documents::DiffArguments),
    List(life::ListArguments),
    Show(life::ShowArguments),
    Submit(life::SubmitArguments),
    Approve(life::ApproveArguments),
    Reject(life::RejectArguments),
    Activate(life::ActivateArguments),
    DryRun(dry_run::Arguments),
}

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Validate(arguments) => documents::validate(&arguments, shell),
        Command::Diff(arguments) => documents::diff(arguments, shell).await,
        Command::List(arguments) => life::list(arguments, shell).await,
        Command::Show(arguments) => life::show(arguments, shell).await,
        Command::Submit(arguments) => life::submit(arguments, shell).await,
        Command::Approve(arguments) => life::approve(arguments, shell).await,
        Command::Reject(arguments) => life::reject(arguments, shell).await,
        Command::Activate(arguments) => life::activate(arguments, shell).await,
        Command::DryRun(arguments) => dry_run::run(arguments, shell).await,
    }
}

/// For whom a command is given, and why.
#[derive(Debug, Args)]
struct Actor {
    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

fn kind(text: &str) -> Result<PolicyKind, UnknownCode> {
    text.to_uppercase().parse()
}

impl Desk {
    /// The version that a text names: by its id, or the newest one of that version.
    async fn version(&self, name: &str) -> Result<policy_version::Model, Failure> {
        let found = match Uuid::try_parse(name) {
            Ok(id) => service::find(&self.ctx, PolicyVersionId(id)).await,
            Err(_) => service::find_by_version(&self.ctx, name).await,
        };
        found.map_err(Failure::failed)?.ok_or_else(|| {
            let error = anyhow::anyhow!("there is no policy version `{name}`");
            Failure::failed(error).with_hint("see `gateway policy list`")
        })
    }

    /// The version that a text names; a file becomes a draft.
    async fn version_or_draft(
        &self,
        name: &str,
        kind: PolicyKind,
        note: Option<String>,
    ) -> Result<policy_version::Model, Failure> {
        if !Path::new(name).is_file() {
            return self.version(name).await;
        }
        let draft = Draft { kind, document: read(name)?, note };
        service::draft(&self.ctx, None, draft).await.map_err(Failure::failed)
    }
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::usage(anyhow::Error::new(error).context(format!("cannot read {path}"))))
}
