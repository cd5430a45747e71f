//! Lead distribution: offering a lead to one partner at a time.
//!
//! Here: who may be offered a lead and why each other may not, in which order, how an offer ends and what follows,
//! and when an idle lead is called back. Every rule is of section 4 of the domain model.
//! Not here: the stages of a lead (`leads`).

mod dry_run;
mod eligibility;
mod idle;
mod offer;
mod policy;
mod ranking;

pub use dry_run::RankingDiff;
pub use eligibility::{Candidate, Exclusion};
pub use idle::{IdleLead, IdleStep};
pub use offer::{NextStep, OfferOutcome, OfferRefusal, accept, accept_by, close, decline, expire, next_step};
pub use policy::{DEFAULT_DISTRIBUTION, DistributionPolicy};
pub use ranking::{Excluded, Ranked, Ranking, RankingKey, rank};
