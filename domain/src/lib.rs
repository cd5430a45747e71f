//! Words and rules of partner business.
//!
//! Here: ids, codes with their labels, business time, the fields of golden records, what a source says, roles; the
//! partner channel (partners, programs, contracts, territories, leads, their distribution, deal registrations and the
//! conflicts among them); reviews; and what is measured of support and results. Everything is pure: time and ids are
//! arguments.
//! Not here: whether two records are one or which value wins (`mastering`), tables, GraphQL, I/O.
//!
//! The features `store` and `graphql` add derives and nothing else, so every code and id is written once.

pub mod codes;
pub mod ids;
pub mod text;

pub mod calendar;
pub mod corporate_number;
pub mod fields;
pub mod money;
pub mod products;
pub mod sources;

pub mod access;
pub mod accreditations;
pub mod conflicts;
pub mod contracts;
pub mod distribution;
pub mod holds;
pub mod leads;
pub mod lifecycle;
pub mod notifications;
pub mod partners;
pub mod policies;
pub mod programs;
pub mod registrations;
pub mod review;
pub mod rule_order;
pub mod sync;
pub mod territories;

pub mod alerts;
pub mod enablement;
pub mod engagement;
pub mod kpis;
pub mod nurturing;
pub mod training;
