//! Policies: rules that are data, parsed and validated once.
//!
//! Here: the two documents and what may be wrong with them. Defaults stand in `policies/`.
//! Not here: applying them (`survivorship`, `matching`).

pub mod diff;

mod document;
mod matching;
mod points;
mod precedence;

pub use matching::{MatchingPolicy, Thresholds};
pub(crate) use points::{Points, Rarity};
pub use precedence::{DEFAULT_PRECEDENCE, PrecedencePolicy, Rule, Unit};

/// The built-in matching document.
pub const DEFAULT_MATCHING: &str = include_str!("../../policies/matching.toml");

/// What is wrong with a policy document. `key` is the place in the document.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a key that is not in the document's form.
    #[error("the policy cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// A document of the partner channel that is wrong.
    #[error(transparent)]
    Channel(#[from] domain::rule_order::InvalidPolicy),
    /// A name that is neither a field nor a group of the record.
    #[error("`{key}` names no field or group of {record}; use one of {known}")]
    UnknownField {
        /// Place in the document.
        key: String,
        /// The kind of record.
        record: domain::fields::RecordKind,
        /// The names there are.
        known: String,
    },
    /// A code that is not in its list.
    #[error("`{key}`: {cause}")]
    UnknownCode {
        /// Place in the document.
        key: String,
        /// Which codes there are.
        #[source]
        cause: domain::codes::UnknownCode,
    },
    /// A text that cannot name a system.
    #[error("`{key}`: {cause}")]
    InvalidSystem {
        /// Place in the document.
        key: String,
        /// What a system's code looks like.
        #[source]
        cause: domain::sources::InvalidSystem,
    },
    /// A master that has no rank.
    #[error("`{key}` names the system {system}, which has no rank; add it to [ranks]")]
    UnrankedSystem {
        /// Place in the document.
        key: String,
        /// The system.
        system: String,
    },
    /// Two systems of one rank would leave ties to chance.
    #[error("`ranks.{second}` repeats the rank of {first}; give every system a rank of its own")]
    SharedRank {
        /// The system that has the rank.
        first: String,
        /// The system that repeats it.
        second: String,
    },
    /// A field in two groups would have two winners.
    #[error("`{key}` lists `{field}` again; a field belongs to one group at most")]
    FieldInTwoGroups {
        /// Place in the document.
        key: String,
        /// The field.
        field: String,
    },
    /// A rule on a field that is settled with its group.
    #[error("`{key}` is settled with its group `{group}`; move the rule there")]
    RuleInsideGroup {
        /// Place in the document.
        key: String,
        /// The group.
        group: String,
    },
    /// A group named like a field.
    #[error("`{key}` has the name of a field; name the group otherwise")]
    GroupNamedAsField {
        /// Place in the document.
        key: String,
    },
    /// A strategy that does not suit the field.
    #[error("`{key}` uses MOST_RESTRICTIVE, which only compares yes and no")]
    NotYesOrNo {
        /// Place in the document.
        key: String,
    },
    /// The same thing twice in a list, the second of which could never decide anything.
    #[error("`{key}` lists {what} twice; name it once")]
    Repeated {
        /// Place in the document.
        key: String,
        /// What is repeated.
        what: String,
    },
    /// Our own store serves the golden value; there is nothing to write.
    #[error("`{key}` names OWN, which serves the value already; name the systems outside")]
    WrittenToOwn {
        /// Place in the document.
        key: String,
    },
    /// A rule that is another one's and says something of its own.
    #[error("`{key}` stands beside other settings; a rule that is like another one says nothing else")]
    RuleBesideLike {
        /// Place in the document.
        key: String,
    },
    /// Rules that are like each other, so that none says anything.
    #[error("`{key}` closes a circle: {path}; give one of these rules settings of its own")]
    RuleCycle {
        /// Place in the document.
        key: String,
        /// The rules on the way, each like the next.
        path: String,
    },
    /// A number outside its range.
    #[error("`{key}` must be {expected}")]
    OutOfRange {
        /// Place in the document.
        key: String,
        /// What it may be.
        expected: &'static str,
    },
}

/// The declared version with a short hash of the text, so that a trace names exactly what decided.
pub fn fingerprinted(version: &str, text: &str) -> String {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    format!("{version}+{}", &hash[..8])
}
