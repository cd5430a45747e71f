//! The `gateway` binary: parse arguments, run one command, exit code.

use std::process::ExitCode;

/// Answers of GraphQL are made of many small allocations; the system's allocator is their hot spot.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gateway::cli::main()
}
