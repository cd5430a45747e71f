//! Tables as SeaORM models, in folders named after the features.
//!
//! Here: columns, with the types of `domain`. Not here: decisions, queries, or GraphQL types: a column may change
//! without the API noticing. The history that makes these tables is `migration`.

#![allow(
    missing_docs,
    reason = "a model says what it is; a column that needs more than its name says so too"
)]

pub mod accounts;
pub mod alerts;
pub mod conflicts;
pub mod contacts;
pub mod contracts;
pub mod credentials;
pub mod distribution;
pub mod enablement;
pub mod engagement;
pub mod golden;
pub mod kpis;
pub mod leads;
pub mod notifications;
pub mod opportunities;
pub mod partners;
pub mod platform;
pub mod policies;
pub mod programs;
pub mod registrations;
pub mod review;
pub mod sync;
pub mod territories;
pub mod training;
