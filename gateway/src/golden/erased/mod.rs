//! Erasing a person out of golden records, once and for all.
//!
//! Here: which records are the person's (`person`), the texts by which traces of the person are found (`words`), and scrubbing
//! what sources said and what is served of it (`scrub`). Not here: who may, and what other features keep (`erasure`).

mod person;
mod words;

mod scrub;

pub(super) use person::is_erased;
pub use person::{Person, find_person};
pub use scrub::erase_person;
pub use words::Words;
