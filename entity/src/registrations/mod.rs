//! Deal registrations: what partners claim, by what keys their customers are found, and what happened to each.

pub mod deal_registration;
pub mod registration_doubt;
pub mod registration_event;
pub mod registration_key;
