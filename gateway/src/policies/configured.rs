//! The policies that the configuration names: what an empty store begins with.

use std::path::{Path, PathBuf};

use domain::conflicts::DEFAULT_CONFLICT;
use domain::distribution::DEFAULT_DISTRIBUTION;
use domain::lifecycle::DEFAULT_LIFECYCLE;
use mastering::policy::{
    DEFAULT_MATCHING, DEFAULT_PRECEDENCE, MatchingPolicy, PolicyError, PrecedencePolicy,
};

/// A valid document of each kind.
#[derive(Debug, Clone)]
pub struct Documents {
    /// Which value wins.
    pub(super) precedence: String,
    /// What makes two records one.
    pub(super) matching: String,
    /// Who goes first when several claim one deal.
    pub(super) conflict: String,
    /// Windows and limits of the channel.
    pub(super) lifecycle: String,
    /// Who may be offered a lead.
    pub(super) distribution: String,
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

impl Default for Documents {
    fn default() -> Self {
        Self {
            precedence: DEFAULT_PRECEDENCE.to_owned(),
            matching: DEFAULT_MATCHING.to_owned(),
            conflict: DEFAULT_CONFLICT.to_owned(),
            lifecycle: DEFAULT_LIFECYCLE.to_owned(),
            distribution: DEFAULT_DISTRIBUTION.to_owned(),
        }
    }
}

impl Documents {
    /// Reads the documents from files; the built-in one where no file is named.
    pub fn load(precedence: Option<&Path>, matching: Option<&Path>) -> Result<Self, UnusablePolicy> {
        let mut documents = Self::default();
        if let Some(path) = precedence {
            documents.precedence = read(path, PrecedencePolicy::parse)?;
        }
        if let Some(path) = matching {
            documents.matching = read(path, MatchingPolicy::parse)?;
        }
        Ok(documents)
    }
}

fn read<P>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<P, PolicyError>,
) -> Result<String, UnusablePolicy> {
    let at = || path.to_owned();
    let text =
        std::fs::read_to_string(path).map_err(|cause| UnusablePolicy::Unreadable { path: at(), cause })?;
    parse(&text).map_err(|cause| UnusablePolicy::Invalid { path: at(), cause })?;
    Ok(text)
}
