//! Territories of partners.

pub mod named_account;
pub mod territory_assignment;
