//! Messages to people who are not looking: an outbox, filled in the transaction of what they are about.
//!
//! Here: who is told what (`service`), in which words (`words`), when it is sent (`jobs`), and what operators see of it
//! (`graphql`, `metrics`). Not here: the channels (`platform::notify`), what is worth a message: the features say so.

pub mod graphql;
pub mod jobs;
pub mod metrics;
pub mod service;

mod store;
mod words;
