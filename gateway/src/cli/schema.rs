//! `gateway schema`: the API contract.

use clap::Args;
use serde_json::json;

use super::{Failure, Shell};
use crate::schema::sdl;

/// Print the GraphQL schema
///
/// The contract that clients generate their types from, in the schema definition language. It needs no
/// configuration and no database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  gateway schema > schema.graphql
  gateway schema | diff - schema.graphql           does the binary still keep the contract?";

pub(super) fn run(_: Arguments, shell: &Shell) -> Result<(), Failure> {
    let sdl = sdl();
    shell.output.result(sdl.trim_end(), &json!({"sdl": sdl}));
    Ok(())
}
