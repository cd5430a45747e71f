//! What partners do with our support: the log, what identifies its events, what is to be counted, switched kinds.

pub mod engagement_day_due;
pub mod engagement_event;
pub mod engagement_event_key;
pub mod engagement_kind;
