//! Alerts: what somebody should look at, once for each rule and partner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text};

use crate::columns::{id, index, instant, instant_null, migration, refers, table, unique_while_open};

const ALERTS: &str = "alerts";

migration! {
    tables: vec![
        table(ALERTS, vec![
            id(),
            string("rule"),
            refers("partner_id"),
            string("severity"),
            string("status"),
            text("figures"),
            instant("opened_at"),
            instant_null("acknowledged_at"),
            string_null("acknowledged_by"),
            instant_null("resolved_at"),
        ], &[]),
    ],
    indexes: vec![
        unique_while_open(ALERTS, &["rule", "partner_id"], "resolved_at"),
        index(ALERTS, &["partner_id"]),
        index(ALERTS, &["opened_at"]),
    ],
    drops: &[ALERTS]
}
