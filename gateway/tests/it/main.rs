//! Behaviour of the gateway, through HTTP or the command line. One file per feature over `harness`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

mod architecture;
mod policies;
mod schema;

mod access;
mod accounts;
mod alerts;
mod audit_log;
mod auth;
mod cli;
mod conflicts;
mod contracts;
mod credentials;
mod erasure;
mod errors;
mod golden;
mod grouping;
mod history;
mod import;
mod kpis;
mod lead_accounts;
mod leads;
mod limits;
mod match_leads;
mod merging;
mod notifications;
mod opportunities;
mod paging;
mod partner_users;
mod partners;
mod pins;
mod programs;
mod registrations;
mod replicas;
mod review;
mod seed;
mod spreadsheets;
mod statements;
mod territories;
mod user_errors;
mod whole;

mod crash;
mod distribution;
mod enablement;
mod engagement;
mod sync;
mod training;
mod write_back;
