//! Golden leads.

pub mod golden_lead;
