//! The command line: one file per command, each with help that teaches.
//!
//! Here: which commands there are, what they share, how they end. Exit codes: 0 done, 1 failed, 2 used or
//! configured wrongly. Results go to the standard output, everything else to the error output.
//! Not here: what commands do beyond asking for it and showing it (the features, `startup`).

mod config_check;
mod demo;
mod desk;
mod engagement;
mod export;
mod failure;
mod golden;
mod import;
mod key;
mod kpi;
mod lead;
mod match_leads;
mod migrate;
mod output;
mod policy;
pub mod progress;
mod review;
mod sandbox;
mod schema;
mod seed;
mod serve;
mod sheet;
mod signals;
mod sync;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain::fields::RecordKind;

pub use failure::Failure;
pub use output::Output;

use crate::platform::config::Config;

/// Where the demo keeps everything, unless told otherwise.
pub const DEMO_FOLDER: &str = "gateway-demo";
/// Where it keeps its keys, inside that folder.
pub const KEYS_FOLDER: &str = "keys";

/// Partner Gateway: one GraphQL API over a CRM and the partner store.
///
/// It reads leads, accounts and opportunities from a CRM, finds which of them are one, keeps the partners that
/// work on them, and answers for all of it in one graph.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    /// Configuration file; without it everything has its default
    #[arg(long, global = true, env = "GATEWAY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Write results as JSON, for machines
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
First steps:
  gateway demo                            everything on this machine, with queries to paste
  gateway sandbox --port 8090             a CRM to talk to
  gateway match leads.csv                 which leads of a file are one
  gateway token --role admin              a token to try queries with

For real:
  gateway --config gateway.toml config check
  gateway --config gateway.toml migrate
  gateway --config gateway.toml sync run
  gateway --config gateway.toml serve
  gateway --config gateway.toml lead why ID phone

Every key of the configuration is also a variable: GATEWAY__DATABASE__URL. See docs/configuration.md.
`gateway help COMMAND` shows examples of each command.";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Serve(serve::Arguments),
    Migrate(migrate::Arguments),
    #[command(subcommand)]
    Config(ConfigCommand),
    #[command(subcommand)]
    Sync(sync::Command),
    #[command(subcommand)]
    Policy(policy::Command),
    #[command(subcommand)]
    Review(review::Command),
    /// Look into leads, and give them to partners
    #[command(subcommand)]
    Lead(lead::Command),
    /// Look into accounts
    #[command(subcommand)]
    Account(golden::Command),
    /// Look into contacts
    #[command(subcommand)]
    Contact(golden::Command),
    /// Look into opportunities
    #[command(subcommand)]
    Opportunity(golden::Command),
    #[command(subcommand)]
    Engagement(engagement::Command),
    Import(import::Arguments),
    Export(export::Arguments),
    Kpi(kpi::Arguments),
    Token(Box<token::Arguments>),
    /// Make and end keys of integration jobs, revoke tokens
    #[command(subcommand)]
    Key(key::Command),
    Match(match_leads::Arguments),
    Sandbox(sandbox::Arguments),
    Seed(seed::Arguments),
    Schema(schema::Arguments),
}

/// Look at the configuration
#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Check(config_check::Arguments),
}

/// What every command is given.
#[derive(Debug)]
pub struct Shell {
    file: Option<PathBuf>,
    /// Where results go.
    pub output: Output,
}

impl Shell {
    /// The configuration: the file, if one is named, and the environment over it.
    pub fn config(&self) -> Result<Config, Failure> {
        Config::load(self.file.as_deref()).map_err(Failure::usage)
    }
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let shell = Shell { file: arguments.config, output: Output::new(arguments.json) };
    match run(arguments.command, &shell) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            shell.output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => wait_for(demo::run(arguments, shell)),
        Command::Sync(command) => wait_for(sync::run(command, shell)),
        Command::Policy(command) => wait_for(policy::run(command, shell)),
        Command::Review(command) => wait_for(review::run(command, shell)),
        Command::Lead(command) => wait_for(lead::run(command, shell)),
        Command::Account(command) => wait_for(golden::run(RecordKind::Account, command, shell)),
        Command::Contact(command) => wait_for(golden::run(RecordKind::Contact, command, shell)),
        Command::Opportunity(command) => wait_for(golden::run(RecordKind::Opportunity, command, shell)),
        Command::Engagement(command) => wait_for(engagement::run(command, shell)),
        Command::Import(arguments) => wait_for(import::run(arguments, shell)),
        Command::Kpi(arguments) => wait_for(kpi::run(arguments, shell)),
        Command::Export(arguments) => wait_for(export::run(arguments, shell)),
        Command::Serve(arguments) => wait_for(serve::run(arguments, shell)),
        Command::Migrate(arguments) => wait_for(migrate::run(arguments, shell)),
        Command::Config(ConfigCommand::Check(arguments)) => wait_for(config_check::run(arguments, shell)),
        Command::Token(arguments) => token::run(*arguments, shell),
        Command::Key(command) => wait_for(key::run(command, shell)),
        Command::Match(arguments) => match_leads::run(arguments, shell),
        Command::Sandbox(arguments) => wait_for(sandbox::run(arguments, shell)),
        Command::Seed(arguments) => wait_for(seed::run(arguments, shell)),
        Command::Schema(arguments) => schema::run(arguments, shell),
    }
}

/// Runs a command that waits for others.
fn wait_for(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    runtime.block_on(command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_with_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(
                command.has_subcommands() || help.contains("gateway "),
                "{} has no example",
                command.get_name()
            );
            assert!(command.get_about().is_some(), "{} says nothing of itself", command.get_name());
            command.get_subcommands().for_each(check);
        }
        Arguments::command().get_subcommands().for_each(check);
    }
}
