//! Lead offers with their rankings, and what is to be done about leads.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer_null, string, string_null, text, text_null};

use crate::columns::{
    id, index, instant, instant_null, may_refer, migration, refers, table, unique_while_open,
};

fn offers() -> TableCreateStatement {
    table(
        "lead_offers",
        vec![
            id(),
            refers("lead_id"),
            refers("partner_id"),
            integer_null("rank"),
            string("outcome"),
            string("basis"),
            may_refer("entrustment_id"),
            text("products"),
            text_null("company"),
            text_null("region"),
            text_null("industry"),
            instant("offered_at"),
            string("offered_by"),
            text_null("offer_reason"),
            instant("accept_by"),
            instant_null("ended_at"),
            string_null("ended_by"),
            text_null("end_reason"),
            instant_null("alert_after"),
            instant_null("recall_after"),
            instant_null("due_at"),
            instant_null("recalled_at"),
            text_null("recall_reason"),
        ],
        &[],
    )
}

migration! {
    tables: vec![
        offers(),
        table("offer_rankings", vec![
            refers("offer_id").primary_key().take(),
            may_refer("policy_version_id"),
            text("candidates"),
            text("ranking"),
        ], &[]),
        table("lead_recalls", vec![refers("partner_id").primary_key().take(), instant("noted_at")], &[]),
        table("lead_arrivals", vec![refers("lead_id").primary_key().take(), instant("noted_at")], &[]),
    ],
    indexes: vec![
        unique_while_open("lead_offers", &["lead_id"], "ended_at"),
        index("lead_offers", &["lead_id"]),
        index("lead_offers", &["partner_id", "offered_at"]),
        index("lead_offers", &["offered_at"]),
        index("lead_offers", &["due_at"]),
        index("lead_arrivals", &["noted_at"]),
    ],
    drops: &["lead_arrivals", "lead_recalls", "offer_rankings", "lead_offers"]
}
