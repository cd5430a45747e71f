//! Reading a CRM over real HTTP: what goes wrong on the way, what changes there, and what becomes of it here.

pub mod crm;
pub mod quiescence;
pub mod stage;
pub mod store;

mod access;
mod changes;
mod drift;
mod error_log;
mod faults;
mod followed;
mod fresh;
mod metrics;
mod progress;
mod push;
mod refusals;
mod retention;
mod runs;
mod scale;
mod trouble;
mod turns;
