//! What every feature stands on. Knows no feature: it could serve another business unchanged.

pub mod clock;
pub mod secret;

pub mod config;
pub mod metrics;
pub mod telemetry;

pub mod auth;
pub mod cache;
pub mod database;

pub mod context;

pub mod audit;
pub mod idempotency;
pub mod jobs;
pub mod listening;
pub mod notify;

pub mod graphql;
pub mod http;
