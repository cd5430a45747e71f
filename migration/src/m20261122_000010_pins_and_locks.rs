//! What people have fixed of golden records: pins and locks, dated, with what is served while they hold.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

/// One of each sort at a time on a field.
fn one_in_force() -> IndexCreateStatement {
    let mut one = unique("holds", &["golden_id", "field", "hold"]);
    one.cond_where(Expr::col("ended_at").is_null());
    one
}

migration! {
    tables: vec![table("holds", vec![
        id(),
        string("hold"),
        string("kind"),
        refers("golden_id"),
        string("field"),
        text("kept"),
        text("reason"),
        string("held_by"),
        instant("held_at"),
        instant("since"),
        instant_null("until"),
        instant_null("ended_at"),
        string_null("ended_by"),
        text_null("end_reason"),
        may_refer("continues"),
        may_refer("replaced_by"),
        text("evidence_records"),
        text_null("outvoted"),
        string_null("asked"),
    ], &[])],
    indexes: vec![one_in_force(), index("holds", &["golden_id"]), index("holds", &["until"])],
    drops: &["holds"]
}
