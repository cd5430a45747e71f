//! Golden accounts.

pub mod golden_account;
