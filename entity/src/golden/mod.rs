//! What sources said, and which golden record it belongs to.

pub mod closed_key;
pub mod hold;
pub mod lead_account;
pub mod lead_company_key;
pub mod match_candidate;
pub mod match_decision;
pub mod match_key;
pub mod merge_operation;
pub mod observation;
pub mod record_link;
pub mod settlement;
pub mod source_record;
