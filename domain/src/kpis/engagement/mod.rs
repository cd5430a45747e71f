//! KPIs of support: is it consumed, learned, used, and who stays away.
//!
//! Here: each formula over the facts it needs. Not here: the kinds of events (`crate::engagement`) or the life of an
//! assignment (`crate::enablement`).

pub mod consumption;
pub mod faq;
pub mod presence;
pub mod score;
pub mod training;
pub mod usage;
