//! A Salesforce-compatible CRM to talk to: OAuth, REST and SOQL over a seeded org in memory.
//!
//! [`Sandbox::start`] serves it on a local port, for `gateway sandbox`, the demo and tests. It
//! shares no type with the other crates, so that connector and CRM check each other.
//! Not here: anything the product itself does.

mod admin;
mod clock;
pub mod demo;
mod error;
mod faults;
mod jobs;
mod json;
mod listener;
mod oauth;
mod options;
mod org;
mod push;
mod rest;
mod sandbox;
mod scenario;
mod server;
mod soql;
mod state;
mod urlencoded;

pub use admin::Admin;
pub use error::Error;
pub use faults::{Fault, FaultKind, Faults, When};
pub use options::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_LEADS, DEMO_SEED, DEMO_USERNAME, JwtKey, Options,
};
pub use org::duplicates::DuplicateRule;
pub use push::{PushForm, Webhook};
pub use sandbox::Sandbox;
pub use scenario::{Action, Event, RatedFault, Scenario};
