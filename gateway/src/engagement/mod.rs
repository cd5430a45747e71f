//! 支援ログ: what partners do with our support, as portals, learning systems and chats report it.
//!
//! Here: taking events in, each judged alone and none twice (`intake`), uploads line by line (`upload`, `ingest`), kinds that are
//! switched on and off (`kinds`), the log for those who may read it (`access`, `graphql`). Not here: which events are taken
//! (`domain::engagement`), what is counted of them (`kpis`).

pub mod graphql;
pub mod ingest;
pub mod intake;
pub mod measured;
pub mod service;
pub mod upload;

mod access;
mod kinds;
mod months;
mod reported;
mod store;
