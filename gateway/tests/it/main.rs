//! Behaviour of the gateway, through HTTP or the command line. One file per feature over `harness`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

mod architecture;
mod schema;

mod leads;
mod partner_users;
mod partners;
