//! What people said about pairs of records, and blocking keys that gather too many records to be used.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, text};

use crate::columns::{id, index, instant, instant_null, migration, refers, table};

migration! {
    tables: vec![
        table("match_decisions", vec![
            id(),
            string("kind"),
            refers("left_record_id"),
            refers("right_record_id"),
            string("answer"),
            text("reason"),
            string("decided_by"),
            instant("decided_at"),
            instant_null("ended_at"),
            string_null("ended_by"),
        ], &[]),
        table("closed_keys", vec![
            string("kind"),
            big_integer("key"),
        ], &["kind", "key"]),
    ],
    indexes: vec![
        index("match_decisions", &["left_record_id"]),
        index("match_decisions", &["right_record_id"]),
    ],
    drops: &["closed_keys", "match_decisions"]
}
