//! What partners and their people did with our support, counted by day and by month.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, string};

use crate::columns::{index, instant_null, migration, refers, table};

const PARTNERS: &str = "usage_counts";
const USERS: &str = "user_usage_counts";

migration! {
    tables: vec![
        table(PARTNERS, vec![
            refers("partner_id"),
            string("grain"),
            date("begins"),
            integer("document_views"),
            integer("downloads"),
            integer("proposal_tool_uses"),
            integer("faq_views"),
            integer("chat_sessions"),
            integer("logins"),
            instant_null("last_access_at"),
        ], &["partner_id", "grain", "begins"]),
        table(USERS, vec![
            refers("user_id"),
            string("grain"),
            date("begins"),
            refers("partner_id"),
            integer("login_days"),
            integer("training_starts"),
        ], &["user_id", "grain", "begins"]),
    ],
    indexes: vec![
        index(PARTNERS, &["grain", "begins"]),
        index(USERS, &["grain", "begins"]),
        index(USERS, &["partner_id", "grain", "begins"]),
    ],
    drops: &[USERS, PARTNERS]
}
