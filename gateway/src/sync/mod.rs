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

mod deletes;
mod page;
mod watermark;
