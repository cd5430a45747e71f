//! What sources push to us, kept until it has been worked on and for a while longer, so that it is known when it comes
//! again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, integer, string, text, text_null};

use crate::columns::{id, index, instant, instant_null, migration, table, unique};

migration! {
    tables: vec![table("webhook_deliveries", vec![
        id(),
        string("system"),
        string("delivery_id"),
        string("body_hash"),
        text("message"),
        big_integer_null("first_replay_id"),
        big_integer_null("last_replay_id"),
        string("state"),
        integer("attempts"),
        instant("received_at"),
        instant_null("next_attempt_at"),
        instant_null("worked_at"),
        text_null("failure"),
    ], &[])],
    indexes: vec![
        unique("webhook_deliveries", &["system", "delivery_id"]),
        index("webhook_deliveries", &["system", "state", "next_attempt_at"]),
        index("webhook_deliveries", &["system", "received_at"]),
    ],
    drops: &["webhook_deliveries"]
}
