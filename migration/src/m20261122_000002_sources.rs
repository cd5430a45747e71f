//! What sources said: the record as it stands, and every observation of it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, text};

use crate::columns::{id, index, instant, may_refer, migration, refers, table, unique};

migration! {
    tables: vec![
        table("source_records", vec![
            id(),
            string("system"),
            string("object"),
            string("external_id"),
            string("kind"),
            instant("stamp"),
            instant("modified_at"),
            instant("created_at"),
            instant("observed_at"),
            big_integer("sequence"),
            string("content_hash"),
            string("state"),
            string_null("merged_into"),
            text("facts"),
        ], &[]),
        table("observations", vec![
            big_integer("sequence").primary_key().take(),
            refers("source_record_id"),
            instant("observed_at"),
            instant("modified_at"),
            string("flags"),
            text("changed"),
            may_refer("supplied_by"),
        ], &[]),
    ],
    indexes: vec![
        unique("source_records", &["system", "external_id", "object"]),
        index("observations", &["source_record_id"]),
    ],
    drops: &["observations", "source_records"]
}
