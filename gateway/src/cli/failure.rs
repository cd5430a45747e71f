//! How a command fails: one line, and what kind of failure it was.

use std::error::Error;
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failed,
    Usage,
}

impl Failure {
    /// It was asked for rightly and did not work out.
    pub fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Failed, message: told(error.into()), hint: None }
    }

    /// The arguments or the configuration cannot be right.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Usage, message: told(error.into()), hint: None }
    }

    /// Adds what to do about it, where the error itself does not say.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// 1 for failures, 2 for wrong use.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
        }
    }
}

/// The error and its causes. Many of ours already end with the words of their cause; those are not repeated.
fn told(error: anyhow::Error) -> String {
    let mut text = error.to_string();
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(it) = cause {
        let words = it.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = it.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let cause = std::io::Error::other("no space left");
        let error = anyhow::Error::new(cause).context("cannot write a.csv");
        assert_eq!(Failure::failed(error).message(), "cannot write a.csv: no space left");
    }

    #[test]
    fn wrong_use_is_told_apart_by_the_exit_code() {
        assert_eq!(Failure::failed(anyhow::anyhow!("x")).code(), 1);
        assert_eq!(Failure::usage(anyhow::anyhow!("x")).code(), 2);
    }
}
