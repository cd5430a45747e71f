//! The policies in force: documents that say which value wins and what makes two records one.
//!
//! Here: loading them. Not here: what they mean (`mastering::policy`).

use std::path::{Path, PathBuf};

use mastering::policy::{MatchingPolicy, PolicyError, PrecedencePolicy};

/// The rules in force, one version of each kind.
#[derive(Debug, Default)]
pub struct ActivePolicies {
    /// Which value wins.
    pub precedence: PrecedencePolicy,
    /// What makes two records one.
    pub matching: MatchingPolicy,
}

/// Why a policy cannot come into force.
#[derive(Debug, thiserror::Error)]
pub enum UnusablePolicy {
    /// The file cannot be read.
    #[error("the policy {path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The document is not a valid policy.
    #[error("the policy {path} is not valid: {cause}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: PolicyError,
    },
}

impl ActivePolicies {
    /// Reads the policies from files; the built-in default where no file is named.
    pub fn load(precedence: Option<&Path>, matching: Option<&Path>) -> Result<Self, UnusablePolicy> {
        Ok(Self {
            precedence: precedence
                .map(|it| read(it, PrecedencePolicy::parse))
                .transpose()?
                .unwrap_or_default(),
            matching: matching.map(|it| read(it, MatchingPolicy::parse)).transpose()?.unwrap_or_default(),
        })
    }
}

fn read<P>(path: &Path, parse: impl FnOnce(&str) -> Result<P, PolicyError>) -> Result<P, UnusablePolicy> {
    let at = || path.to_owned();
    let text =
        std::fs::read_to_string(path).map_err(|cause| UnusablePolicy::Unreadable { path: at(), cause })?;
    parse(&text).map_err(|cause| UnusablePolicy::Invalid { path: at(), cause })
}
