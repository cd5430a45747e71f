//! Legal erasure (個人情報の消去): a person asks that nothing of them is kept.
//!
//! Here: who may, and what is scrubbed beside golden records: questions, the outbox, the error log, dry runs, answers, messages,
//! the audit log. Ids, hashes and counts stay. Not here: golden records themselves (`golden::erased`), what partners wrote of the
//! person's deals (`registrations::erased`, `conflicts::erased`), which fields are a person's (`domain::fields`), copies in other
//! systems, which are named so that somebody erases them there.

pub mod graphql;
pub mod service;

mod store;
