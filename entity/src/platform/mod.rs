//! What the platform itself remembers.

pub mod audit_event;
pub mod idempotency_key;
