//! Reading sources: runs, pages, watermarks, failures.
//!
//! Here: what is read when, and that a kill at any instant loses and doubles nothing: each page is one transaction
//! that holds its records, what they changed, and the place to go on from. Not here: how a CRM is spoken to
//! (`connectors`), what becomes of a record (`golden`).

pub mod graphql;
pub mod outbound;
pub mod run;
pub mod service;

pub mod failures;
pub mod loader;
pub mod news;

pub mod freshness;
pub mod jobs;
pub mod lease;
pub mod metrics;
pub mod reports;
pub mod retention;
pub mod retries;
pub mod schedule;
pub mod schema;
pub mod sources;
pub mod turn;

mod access;
pub mod token;

pub mod read_through;
pub mod webhooks;

mod page;
mod watermark;
