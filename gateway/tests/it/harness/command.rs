//! The command line as a process of its own.

use std::process::Command;

/// Runs a command over a store; gives its exit code, standard output and standard error.
pub fn run(url: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.args(arguments).env_remove("GATEWAY_CONFIG").env("GATEWAY__DATABASE__URL", url);
    let output = command.output().expect("the binary was built");
    let text = |it: Vec<u8>| String::from_utf8(it).expect("text");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}
