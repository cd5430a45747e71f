//! Which account the company of each lead led to, dated.

use sea_orm_migration::prelude::*;

use crate::columns::{instant, instant_null, migration, refers, table};

migration! {
    tables: vec![
        table("lead_accounts", vec![
            refers("lead_id"),
            instant("since"),
            refers("account_id"),
            instant_null("until"),
        ], &["lead_id", "since"]),
    ],
    indexes: vec![],
    drops: &["lead_accounts"]
}
