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
    /// A lead and an account, say.
    #[error("records of different kinds cannot be one; name ids of one kind")]
    DifferentKinds,
    /// Nothing live to join.
    #[error("every source has deleted this record; restore it there before joining it with others")]
    RecordArchived,
    /// A person declared them different.
    #[error(
        "{by} declared records among these different on {at}; withdraw that decision before joining them"
    )]
    NeverMatch {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Other answers hold them together.
    #[error("other decisions hold these records together; take one of them out with unmergeRecords instead")]
    HeldTogether,
    /// The record has but one source record, or all of them were named.
    #[error("nothing is left to take apart: name some, not all, of the records it was made of")]
    NotMerged,
    /// A source record that does not belong to the golden record.
    #[error("{0} does not belong to this record; choose among its sourceRecords")]
    NotAMember(String),
    /// One person named twice.
    #[error("records are taken apart under four eyes; somebody else has to approve")]
    FourEyes,
    /// A decision without a reason is none.
    #[error("say why: the reason must not be empty")]
    ReasonMissing,
}

impl Refusal for MergeRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
