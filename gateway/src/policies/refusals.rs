//! Why a policy version, or what is wanted of it, is refused.

use crate::error::Refusal;

/// Why a version is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum VersionRefusal {
    /// The document is wrong.
    #[error("{0}")]
    InvalidPolicy(String),
    /// The document is longer than any policy.
    #[error("the document has more than {limit} bytes; leave out what the policy does not need")]
    PolicyTooLong {
        /// Most bytes.
        limit: usize,
    },
    /// It would change nothing.
    #[error("the document says word for word what the active version {version} says; change something")]
    PolicyUnchanged {
        /// The active version.
        version: String,
    },
    /// Records would be settled in the order of the names of their systems.
    #[error("the store holds records of {systems}, which the document does not rank; add them to [ranks]")]
    UnrankedSource {
        /// The systems without a rank.
        systems: String,
    },
    /// What the approver compared it with is no longer active.
    #[error(
        "another version came into force since this one was approved; look at the difference again and approve it anew"
    )]
    PolicyMoved,
}

impl Refusal for VersionRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Why a dry run is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DryRunRefusal {
    /// A version that cannot come into force any more.
    #[error("the policy version is {state}, so it changes nothing any more; dry-run a draft")]
    DryRunOfEnded {
        /// Where the version stands.
        state: domain::policies::PolicyState,
    },
    /// There is nothing to compare yet.
    #[error("the dry run is {state}; two dry runs that have succeeded can be compared")]
    DryRunNotDone {
        /// Where it stands.
        state: domain::policies::DryRunState,
    },
}

impl Refusal for DryRunRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
