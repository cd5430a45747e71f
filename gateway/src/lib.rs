//! Partner Gateway: one GraphQL API over a CRM and the partner store.
//!
//! `platform` is what every feature stands on; each other folder is one feature, named as the business names it.
//! The command line (`cli`) and `startup` put them together.

pub mod error;
mod japanese;
pub mod platform;

pub mod contracts;
pub mod partners;
pub mod programs;
pub mod territories;

pub mod spreadsheets;

pub mod accounts;
pub mod contacts;
pub mod leads;
pub mod notifications;
pub mod opportunities;

pub mod conflicts;
pub mod distribution;
pub mod registrations;

pub mod alerts;
pub mod enablement;
pub mod engagement;
pub mod kpis;
pub mod training;

pub mod audit_log;
pub mod credentials;
pub mod erasure;
pub mod golden;
pub mod policies;
pub mod review;
pub mod sync;

pub mod schema;
pub mod startup;

pub mod cli;
