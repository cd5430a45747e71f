//! Territories of partners, and the accounts that some of them name.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, date_null, integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, migration, refers, table};

migration! {
    tables: vec![
        table("territory_assignments", vec![
            id(),
            integer("version"),
            refers("partner_id"),
            text("prefectures"),
            text("industries"),
            text("products"),
            boolean("is_exclusive"),
            date("valid_from"),
            date_null("valid_until"),
            instant("created_at"),
            string("created_by"),
            instant_null("ended_at"),
            string_null("ended_by"),
            text_null("end_reason"),
        ], &[]),
        table(
            "territory_named_accounts",
            vec![refers("assignment_id"), refers("account_id")],
            &["assignment_id", "account_id"],
        ),
    ],
    indexes: vec![
        index("territory_assignments", &["partner_id"]),
        index("territory_assignments", &["is_exclusive", "valid_from"]),
        index("territory_named_accounts", &["account_id"]),
    ],
    drops: &["territory_named_accounts", "territory_assignments"]
}
