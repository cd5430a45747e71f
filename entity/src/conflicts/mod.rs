//! Channel conflicts: what they are about, verdicts, what is to be looked at again, and what is known of accounts for them.

pub mod account_reservation;
pub mod channel_conflict;
pub mod claim_check;
pub mod conflict_check;
pub mod conflict_party;
pub mod conflict_verdict;
pub mod installed_product;
