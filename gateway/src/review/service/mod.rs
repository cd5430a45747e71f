//! Use cases of the review queue: asking, withdrawing, finding, claiming, deciding.

mod ask;
mod matches;
mod propose;
mod unmerge;
mod weigh;
mod withdraw;

pub mod figures;
mod lookup;

mod claims;
mod deed;

mod apply;
pub mod bulk;
mod decide;

pub(super) use apply::try_out;
pub use ask::{Question, ask, ask_all};
pub use claims::{claim, release, renew};
pub use decide::{Answer, decide};
pub use lookup::{about, find, waiting};
pub use matches::{
    MatchQuestion, ask_about_matches, match_fingerprint, supersede_matches, supersede_source_merges,
};
pub use propose::{Proposal, ProposalRefusal, propose};
pub use unmerge::{propose_unmerge, tell_of_ambiguous};
pub use weigh::weigh;
pub use withdraw::{forget_answers, withdraw};

pub use super::news::{announce, announce_request};
