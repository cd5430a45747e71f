//! Policies as versions with a life, exactly one of each kind active; and what dry runs of them found.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, string, string_null, text, text_null, uuid_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table};

migration! {
    tables: vec![
        table("policy_versions", vec![
            id(),
            string("kind"),
            string("version"),
            text("document"),
            string("state"),
            string("author"),
            text_null("note"),
            instant("created_at"),
            instant_null("submitted_at"),
            string_null("decided_by"),
            instant_null("decided_at"),
            text_null("decision_note"),
            may_refer("approved_against_id"),
            string_null("activated_by"),
            instant_null("activated_at"),
            instant_null("retired_at"),
        ], &[]),
        table("policy_dry_runs", vec![
            id(),
            refers("policy_version_id"),
            may_refer("against_id"),
            string("state"),
            string("requested_by"),
            instant("requested_at"),
            instant_null("started_at"),
            instant_null("ended_at"),
            uuid_null("holder"),
            instant_null("lease_until"),
            integer("attempts"),
            big_integer("records_done"),
            big_integer("records_total"),
            text_null("message"),
            text_null("summary"),
        ], &[]),
        table("policy_dry_run_examples", vec![
            id(),
            refers("dry_run_id"),
            string("change"),
            string("kind"),
            may_refer("golden_id"),
            may_refer("other_id"),
            string_null("field"),
            text_null("value_before"),
            text_null("value_after"),
            text_null("source_before"),
            text_null("source_after"),
            string_null("rule_before"),
            string_null("rule_after"),
        ], &[]),
    ],
    indexes: vec![
        one_active(),
        index("policy_dry_runs", &["policy_version_id", "id"]),
        index("policy_dry_runs", &["state"]),
        index("policy_dry_run_examples", &["dry_run_id", "id"]),
    ],
    drops: &["policy_dry_run_examples", "policy_dry_runs", "policy_versions"]
}

/// At most one version of a kind is active, whoever activates.
fn one_active() -> IndexCreateStatement {
    let mut index = index("policy_versions", &["kind"]);
    index.name("ux_policy_versions_kind_active").unique().cond_where(Expr::col("state").eq("ACTIVE"));
    index
}
