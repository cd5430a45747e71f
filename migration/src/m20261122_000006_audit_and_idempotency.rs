//! What the platform itself remembers: who changed what, and which retried request had which answer.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text};

use crate::columns::{id, index, instant, migration, refers, table};

migration! {
    tables: vec![
        table("audit_events", vec![
            id(),
            instant("at"),
            string("subject"),
            string("action"),
            string("target_kind"),
            refers("target_id"),
            text("detail"),
            string_null("request_id"),
        ], &[]),
        table("idempotency_keys", vec![
            string("subject"),
            string("key"),
            string("operation"),
            string("request_hash"),
            refers("result_id"),
            instant("created_at"),
        ], &["subject", "key"]),
    ],
    indexes: vec![index("audit_events", &["target_id", "at"])],
    drops: &["idempotency_keys", "audit_events"]
}
