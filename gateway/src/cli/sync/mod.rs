//! `gateway sync`: reads the CRMs, and shows how that went.

mod errors;
mod progress;
mod push;
mod report;
mod run;
mod show;
mod table;

use clap::Subcommand;

use super::{Failure, Shell};

pub(super) use progress::Shown;

/// Read the CRMs, and see how that went
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Run(run::Arguments),
    Push(push::Arguments),
    Status(show::StatusArguments),
    Report(report::Arguments),
    Errors(errors::ErrorsArguments),
    Retry(errors::RetryArguments),
    Ignore(errors::IgnoreArguments),
}

pub(super) async fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(arguments, shell).await,
        Command::Push(arguments) => push::run(arguments, shell).await,
        Command::Status(arguments) => show::status(arguments, shell).await,
        Command::Report(arguments) => report::run(arguments, shell).await,
        Command::Errors(arguments) => errors::show(arguments, shell).await,
        Command::Retry(arguments) => errors::retry(arguments, shell).await,
        Command::Ignore(arguments) => errors::ignore(arguments, shell).await,
    }
}
