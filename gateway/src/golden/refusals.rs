//! Why golden records are not joined, or not taken apart.

use chrono::{DateTime, Utc};

use crate::error::Refusal;

/// Why golden records are not joined, or not taken apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum MergeRefusal {
    /// One record, named twice, or by an id that redirects to it.
    #[error("these ids lead to one record already; name at least two different ones")]
    MergeWithItself,
    /// Such records are never duplicates of each other.
    #[error("opportunities are not joined; join their accounts instead")]
    KindNotMatched,
    /// A lead and an account, say.
    #[error("records of different kinds cannot be one; name ids of one kind")]
    DifferentKinds,
    /// Nothing live to join.
    #[error("every source has deleted this record; restore it there before joining it with others")]
    RecordArchived,
    /// A person declared them different.
    #[error(
        "{by} declared records among these different on {at}; withdraw that decision with withdrawMatchDecisions before joining them"
    )]
    NeverMatch {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Other answers hold them together.
    #[error(
        "other decisions hold these records together; ask for one of them to be taken out with proposeUnmerge instead"
    )]
    HeldTogether,
    /// What is in question has been entered again, or taken back.
    #[error("this was entered again since the records were taken apart; change it at the records themselves")]
    EnteredSince,
    /// Nothing but the answer holds them together.
    #[error(
        "only this answer holds the two records together; take one of them out with proposeUnmerge instead"
    )]
    WithdrawalParts,
    /// The record has but one source record, or all of them were named.
    #[error("nothing is left to take apart: name some, not all, of the records it was made of")]
    NotMerged,
    /// A source record that does not belong to the golden record.
    #[error("{0} does not belong to this record; choose among its sourceRecords")]
    NotAMember(String),
}

impl Refusal for MergeRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
