//! Keys of integration jobs, and tokens that do not count any more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text};

use crate::columns::{id, index, instant, instant_null, migration, table, unique};

migration! {
    tables: vec![
        table("api_keys", vec![
            id(),
            string("name"),
            string("secret_hash"),
            text("scopes"),
            instant("created_at"),
            string("created_by"),
            instant("expires_at"),
            instant_null("last_used_at"),
            instant_null("revoked_at"),
            string_null("revoked_by"),
        ], &[]),
        table("token_revocations", vec![
            id(),
            string_null("subject"),
            string_null("token_id"),
            text("reason"),
            instant("revoked_at"),
            string("revoked_by"),
        ], &[]),
    ],
    indexes: vec![
        unique("api_keys", &["secret_hash"]),
        index("token_revocations", &["revoked_at"]),
    ],
    drops: &["api_keys", "token_revocations"]
}
