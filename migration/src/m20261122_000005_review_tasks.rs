//! Decisions asked of people; a fingerprint keeps the same question from being asked twice.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, table, unique};

migration! {
    tables: vec![table("review_tasks", vec![
        id(),
        string("kind"),
        string("state"),
        string("fingerprint"),
        string("record_kind"),
        may_refer("golden_id"),
        text("subject"),
        string_null("claimed_by"),
        instant_null("claimed_until"),
        instant("created_at"),
        instant("updated_at"),
    ], &[])],
    indexes: vec![unique("review_tasks", &["fingerprint"]), index("review_tasks", &["state", "id"])],
    drops: &["review_tasks"]
}
