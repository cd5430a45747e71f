//! The protocol, over real HTTP: what client libraries rely on.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bulk;
mod changes;
mod composite;
mod demo;
mod faults;
mod harness;
mod ids;
mod journal;
mod oauth;
mod paging;
mod push;
mod records;
mod resources;
mod rules;
mod scenario;
mod serving;
mod soql;
