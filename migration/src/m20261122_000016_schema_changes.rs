//! What sources say of their objects, and what changed in it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, text_null};

use crate::columns::{id, index, instant, migration, refers, table};

migration! {
    tables: vec![
        table("sync_schemas", vec![
            string("system").primary_key().take(),
            text("description"),
            instant("updated_at"),
        ], &[]),
        table("sync_schema_changes", vec![
            id(),
            refers("run_id"),
            string("system"),
            string("object"),
            string("field"),
            string("mapped_as"),
            string("drift"),
            text_null("detail"),
            string("effect"),
            instant("seen_at"),
        ], &[]),
    ],
    indexes: vec![index("sync_schema_changes", &["system", "id"])],
    drops: &["sync_schema_changes", "sync_schemas"]
}
