//! Reading a CRM over real HTTP: what goes wrong on the way, what changes there, and what becomes of it here.

pub mod crm;
pub mod stage;
pub mod store;

mod changes;
mod error_log;
mod progress;
mod refusals;
mod runs;
mod trouble;
