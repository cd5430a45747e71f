//! Contracts with partners, what is agreed in them, and what was said about them.

pub mod contract;
pub mod contract_document;
pub mod contract_reminder;
pub mod contract_version;
pub mod negotiation_entry;
