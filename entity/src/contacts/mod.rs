//! Golden contacts.

pub mod golden_contact;
