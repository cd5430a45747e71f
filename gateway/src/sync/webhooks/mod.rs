//! What CRMs push to us: that records changed.
//!
//! Here: who may push (`signature`), what a push names (`message`), keeping it (`receiver`), and fetching what it names
//! (`delivery`). Nothing in a push is believed but the names of records: their values are always read from the CRM.

mod delivery;
mod message;
mod position;
mod receiver;
mod signature;
mod soap;

pub use delivery::{Expectations, work};
pub use receiver::Webhooks;
pub use signature::WebhookKeys;
