//! Why a change of a contract is refused.

use domain::contracts::ContractStatus;
use domain::partners::PartnerStatus;

use crate::error::Refusal;

/// Why a change of a contract is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ContractRefusal {
    /// One number, one contract.
    #[error("there is a contract with this number already; choose another number")]
    ContractExists,
    /// Nothing begins any more.
    #[error("the partner is {status}; contracts are made with partners that work with us, or will")]
    ContractPartnerEnded {
        /// Where the partner stands.
        status: PartnerStatus,
    },
    /// It has left our hands.
    #[error(
        "the contract is {status}; only a draft can be rewritten. Return it to DRAFT, or amend it once it is signed"
    )]
    ContractNotDraft {
        /// Where the contract stands.
        status: ContractStatus,
    },
    /// Nothing to amend or to end.
    #[error("the contract is {status}; this is for contracts that are signed and have not ended")]
    ContractNotSigned {
        /// Where the contract stands.
        status: ContractStatus,
    },
    /// A step that has a mutation of its own, or none.
    #[error(
        "a contract is moved to LEGAL_REVIEW, SENT or DRAFT; use `signContract` and `terminateContract`, the calendar does the rest"
    )]
    ContractStepElsewhere,
    /// Something that has not happened yet.
    #[error("this date lies in the future; enter it when it has happened")]
    ContractDateAhead,
    /// Said already.
    #[error("notice of this contract has been given already")]
    NoticeGiven,
    /// An end that comes too early or too late.
    #[error("a contract is ended early on a date from today to its last one; choose another date")]
    TerminationImpossible,
}

impl Refusal for ContractRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}
