//! Messages to people who are not looking.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, text, text_null};

use crate::columns::{id, index, instant, instant_null, migration, table, unique};

migration! {
    tables: vec![
        table("notifications", vec![
            id(),
            string("fingerprint"),
            string("topic"),
            string("channel"),
            string("recipient"),
            string("locale"),
            text("details"),
            string("urgency"),
            string("state"),
            integer("attempts"),
            instant("next_attempt_at"),
            instant_null("leased_until"),
            text_null("error"),
            instant("created_at"),
            instant_null("sent_at"),
            instant("updated_at"),
        ], &[]),
    ],
    indexes: vec![
        unique("notifications", &["fingerprint"]),
        index("notifications", &["state", "next_attempt_at"]),
    ],
    drops: &["notifications"]
}
