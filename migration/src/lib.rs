//! The history of the schema, oldest first; every file runs on SQLite and PostgreSQL.
//!
//! Rules for a new file: name it `mYYYYMMDD_NNNNNN_what_it_adds`, never edit it after release, and write it so that
//! the previous version of the gateway keeps working while it runs: add columns as nullable, backfill, and drop only
//! in a later release. This crate does not use `entity`: history must not change when a model does.

mod columns;
mod m20261122_000001_partners;
mod m20261122_000002_sources;
mod m20261122_000003_golden_records;
mod m20261122_000004_sync;
mod m20261122_000005_review_tasks;
mod m20261122_000006_audit_and_idempotency;
mod m20261122_000007_match_decisions;
mod m20261122_000008_policies;
mod m20261122_000009_review_decisions;
mod m20261122_000010_pins_and_locks;
mod m20261122_000011_lead_accounts;
mod m20261122_000012_withdrawn_answers;
mod m20261122_000013_error_log;
mod m20261122_000014_turns_and_reports;
mod m20261122_000015_webhook_deliveries;
mod m20261122_000016_schema_changes;
mod m20261122_000017_outbound_changes;
mod m20261122_000018_lead_company_keys;
mod m20261122_000019_activation_effects;
mod m20261122_000020_outbound_operations;
mod m20261122_000022_positions;
mod m20261122_000023_ways_back;
mod m20261122_000025_erasures;
mod m20261122_000030_territories;
mod m20261122_000031_contracts;
mod m20261122_000032_programs;
mod m20261122_000033_prospect_ratings;
mod m20261122_000035_registrations;
mod m20261122_000036_conflicts;
mod m20261122_000037_terminations;
mod m20261122_000040_lead_offers;
mod m20261122_000045_notifications;
mod m20261122_000050_engagement;
mod m20261122_000051_enablement;
mod m20261122_000052_training;
mod m20261122_000060_partner_statuses;
mod m20261122_000061_usage_counts;
mod m20261122_000062_kpi_snapshots;
mod m20261122_000063_alerts;
mod m20261122_000070_credentials;
mod m20261122_000080_disqualification;
mod m20261122_000081_token_turns;

use sea_orm_migration::prelude::*;

/// Applies the history to a database.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_partners::Migration),
            Box::new(m20261122_000002_sources::Migration),
            Box::new(m20261122_000003_golden_records::Migration),
            Box::new(m20261122_000004_sync::Migration),
            Box::new(m20261122_000005_review_tasks::Migration),
            Box::new(m20261122_000006_audit_and_idempotency::Migration),
            Box::new(m20261122_000007_match_decisions::Migration),
            Box::new(m20261122_000008_policies::Migration),
            Box::new(m20261122_000009_review_decisions::Migration),
            Box::new(m20261122_000010_pins_and_locks::Migration),
            Box::new(m20261122_000011_lead_accounts::Migration),
            Box::new(m20261122_000012_withdrawn_answers::Migration),
            Box::new(m20261122_000013_error_log::Migration),
            Box::new(m20261122_000014_turns_and_reports::Migration),
            Box::new(m20261122_000015_webhook_deliveries::Migration),
            Box::new(m20261122_000016_schema_changes::Migration),
            Box::new(m20261122_000017_outbound_changes::Migration),
            Box::new(m20261122_000018_lead_company_keys::Migration),
            Box::new(m20261122_000019_activation_effects::Migration),
            Box::new(m20261122_000020_outbound_operations::Migration),
            Box::new(m20261122_000022_positions::Migration),
            Box::new(m20261122_000023_ways_back::Migration),
            Box::new(m20261122_000025_erasures::Migration),
            Box::new(m20261122_000030_territories::Migration),
            Box::new(m20261122_000031_contracts::Migration),
            Box::new(m20261122_000032_programs::Migration),
            Box::new(m20261122_000033_prospect_ratings::Migration),
            Box::new(m20261122_000035_registrations::Migration),
            Box::new(m20261122_000036_conflicts::Migration),
            Box::new(m20261122_000037_terminations::Migration),
            Box::new(m20261122_000040_lead_offers::Migration),
            Box::new(m20261122_000045_notifications::Migration),
            Box::new(m20261122_000050_engagement::Migration),
            Box::new(m20261122_000051_enablement::Migration),
            Box::new(m20261122_000052_training::Migration),
            Box::new(m20261122_000060_partner_statuses::Migration),
            Box::new(m20261122_000061_usage_counts::Migration),
            Box::new(m20261122_000062_kpi_snapshots::Migration),
            Box::new(m20261122_000063_alerts::Migration),
            Box::new(m20261122_000070_credentials::Migration),
            Box::new(m20261122_000080_disqualification::Migration),
            Box::new(m20261122_000081_token_turns::Migration),
        ]
    }
}
