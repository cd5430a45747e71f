//! Runs, what failed in them, and how far each object has been read.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

migration! {
    tables: vec![
        table("sync_runs", vec![
            id(),
            string("system"),
            string("mode"),
            string("state"),
            instant("started_at"),
            instant("heartbeat_at"),
            instant_null("ended_at"),
            big_integer("records_read"),
            big_integer("records_changed"),
            big_integer("records_unchanged"),
            big_integer("records_failed"),
            text_null("message"),
        ], &[]),
        table("sync_errors", vec![
            id(),
            refers("run_id"),
            string("direction"),
            string("system"),
            string("object"),
            string("external_id"),
            may_refer("golden_id"),
            string("category"),
            string_null("code"),
            text("message"),
            boolean("is_retryable"),
            integer("attempts"),
            instant("first_seen_at"),
            instant("last_seen_at"),
            string("state"),
        ], &[]),
        table("watermarks", vec![
            string("system"),
            string("object"),
            integer("version"),
            instant_null("complete_to"),
            instant_null("resume_stamp"),
            string_null("resume_id"),
            instant_null("reading_since"),
            instant_null("deletions_to"),
            instant("updated_at"),
        ], &["system", "object"]),
        table("counters", vec![string("name").primary_key().take(), big_integer("value")], &[]),
    ],
    indexes: vec![
        index("sync_runs", &["system", "started_at"]),
        unique("sync_errors", &["system", "object", "external_id", "category"]),
        index("sync_errors", &["state", "last_seen_at"]),
    ],
    drops: &["counters", "watermarks", "sync_errors", "sync_runs"]
}
