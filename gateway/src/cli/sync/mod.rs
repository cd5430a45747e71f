//! `gateway sync`: reads the CRMs, and shows how that went.

mod progress;
mod run;
mod show;
mod turn;

use clap::Subcommand;

use super::{Failure, Shell};

pub(super) use progress::Shown;

/// Read the CRMs, and see how that went
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(run::Arguments),
    Status(show::StatusArguments),
    Errors(show::ErrorsArguments),
}

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(arguments, shell).await,
        Command::Status(arguments) => show::status(arguments, shell).await,
        Command::Errors(arguments) => show::errors(arguments, shell).await,
    }
}
