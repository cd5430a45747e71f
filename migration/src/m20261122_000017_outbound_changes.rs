//! What systems are to be told of their records, and what became of it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, migration, refers, table, unique};

/// What waits for a record is one change, whatever happens meanwhile.
fn one_waiting() -> IndexCreateStatement {
    let mut one = unique("outbound_changes", &["system", "object", "external_id"]);
    one.cond_where(Expr::col("state").is_in(["PENDING", "HELD"]));
    one
}

/// Few rows are open among all that were ever sent.
fn open() -> IndexCreateStatement {
    let mut open = index("outbound_changes", &["system", "next_attempt_at"]);
    open.cond_where(Expr::col("state").is_in(["PENDING", "SENDING", "HELD"]));
    open
}

migration! {
    tables: vec![table("outbound_changes", vec![
        id(),
        string("system"),
        string("object"),
        string("external_id"),
        string("kind"),
        refers("golden_id"),
        text("values"),
        string("key"),
        string("state"),
        integer("attempts"),
        integer("conflicts"),
        instant("next_attempt_at"),
        instant_null("leased_until"),
        instant_null("sent_at"),
        instant_null("ended_at"),
        string_null("category"),
        string_null("code"),
        text_null("message"),
        instant("created_at"),
        instant("updated_at"),
    ], &[])],
    indexes: vec![
        one_waiting(),
        open(),
        index("outbound_changes", &["system", "object", "external_id", "sent_at"]),
        index("outbound_changes", &["golden_id"]),
    ],
    drops: &["outbound_changes"]
}
