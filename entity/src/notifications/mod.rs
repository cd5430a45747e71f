//! Messages to people who are not looking.

pub mod notification;
