//! Partner programs, the tiers of partners, and how they came to them.

pub mod partner_tier;
pub mod program_version;
pub mod tier_evaluation;
pub mod tier_measurement;
