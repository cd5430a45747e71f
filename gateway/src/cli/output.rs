//! What a command says: results to the standard output, everything else to the error output.
//!
//! Writing never fails a command: whoever closed the pipe has seen enough.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use super::Failure;

/// Where results go, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    is_json: bool,
}

impl Output {
    /// For people, or as JSON for machines.
    pub fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether machines are reading.
    pub fn is_json(self) -> bool {
        self.is_json
    }

    /// One result in both forms.
    pub fn result(self, text: impl Display, json: &impl Serialize) {
        match self.is_json {
            true => self.line(serde_json::to_string(json).expect("results are JSON")),
            false => self.line(text),
        }
    }

    /// One line of the result, whoever reads.
    pub fn line(self, text: impl Display) {
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// What happens on the way, for machines; apart from the results, which a pipe reads.
    pub fn event(self, json: &impl Serialize) {
        let text = serde_json::to_string(json).expect("events are JSON");
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Something that people may want to know, and machines do not.
    pub fn note(self, text: impl Display) {
        if !self.is_json {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Why the command failed.
    pub fn failure(self, failure: &Failure) {
        let mut err = io::stderr().lock();
        let (message, hint) = (failure.message(), failure.hint());
        let _ = match self.is_json {
            true => writeln!(err, "{}", json!({"error": message, "hint": hint})),
            false => writeln!(err, "error: {message}"),
        };
        if let (false, Some(hint)) = (self.is_json, hint) {
            let _ = writeln!(err, "hint: {hint}");
        }
    }
}
