//! Golden records: what all sources together say of one thing.
//!
//! Here: taking in what sources say (`absorb`), which records belong together (`matching`, `links`), settling and
//! serving (`resolve`, `served`), what people fix against that (`pins`), rewinding (`history`), and showing why
//! (`graphql`). Not here: the rules themselves (`mastering`), reading sources (`sync`), the API of each kind (`leads`,
//! `accounts`, `contacts`, `opportunities`).

pub mod edits;
pub mod graphql;
pub mod history;
pub mod loader;
pub mod pins;
pub mod records;
pub mod refusals;
pub mod served;
pub mod service;
pub mod visible;

mod absorb;
mod content;
mod erased;
mod facts;
mod in_system;
mod made;
mod written;

mod decisions;
mod index;
mod lead_accounts;
mod lead_companies;
mod likeness;
mod links;
mod matching;
mod neighbourhood;
mod placing;
mod questions;
mod redirects;
mod source_merges;
mod stays;
mod touches;

mod accounts_ahead;
mod accounts_like;
mod accounts_of_leads;
mod references;
mod resolve;

pub mod answers;
mod changes;
mod hand_over;
mod merge;
mod take_back;
mod unmerge;

mod everything;
mod rebuild;
mod relinking;
mod resettle;

pub mod export;
