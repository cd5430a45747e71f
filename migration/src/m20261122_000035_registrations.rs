//! Deal registrations, the keys of their companies, and what happened to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, date_null, integer, string, string_null, text, text_null,
};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

fn registrations() -> TableCreateStatement {
    table(
        "deal_registrations",
        vec![
            id(),
            integer("version"),
            refers("partner_id"),
            may_refer("partner_user_id"),
            string("status"),
            text("company_name"),
            string_null("company_corporate_number"),
            text_null("company_phone"),
            text_null("company_website"),
            string_null("company_postal_code"),
            string_null("company_prefecture"),
            string_null("company_industry"),
            may_refer("claimed_id"),
            may_refer("account_id"),
            string_null("account_fixed_by"),
            may_refer("lead_id"),
            may_refer("opportunity_id"),
            text("products"),
            string_null("deal_type"),
            big_integer_null("amount_minor"),
            string_null("currency"),
            date_null("expected_close"),
            string_null("site_prefecture"),
            text_null("customer_choice_document"),
            instant_null("customer_choice_confirmed_at"),
            string_null("customer_choice_confirmed_by"),
            string_null("submitted_by"),
            instant_null("priority_time"),
            big_integer_null("submission_seq"),
            may_refer("verdict_id"),
            string_null("finding"),
            string_null("finding_code"),
            instant_null("decide_by"),
            instant_null("escalated_at"),
            instant_null("answer_by"),
            instant_null("decided_at"),
            string_null("decided_by"),
            string_null("reject_code"),
            instant_null("protected_from"),
            instant_null("expires_at"),
            integer("extensions"),
            instant_null("warn_at"),
            instant_null("last_activity_at"),
            instant_null("ended_at"),
            instant("created_at"),
            string("created_by"),
            instant("updated_at"),
        ],
        &[],
    )
}

migration! {
    tables: vec![
        registrations(),
        table("registration_events", vec![
            id(),
            refers("registration_id"),
            instant("at"),
            string("step"),
            string("status"),
            string("subject"),
            text_null("note"),
            instant_null("instant"),
        ], &[]),
        table("registration_keys", vec![big_integer("key"), refers("registration_id")], &["key", "registration_id"]),
        table(
            "registration_doubts",
            vec![refers("possible_id"), refers("registration_id")],
            &["possible_id", "registration_id"],
        ),
    ],
    indexes: vec![
        index("deal_registrations", &["partner_id", "id"]),
        index("deal_registrations", &["claimed_id"]),
        index("deal_registrations", &["account_id"]),
        index("deal_registrations", &["lead_id"]),
        index("deal_registrations", &["opportunity_id"]),
        index("deal_registrations", &["status", "expires_at"]),
        index("deal_registrations", &["status", "decide_by"]),
        index("deal_registrations", &["status", "warn_at"]),
        index("deal_registrations", &["updated_at", "id"]),
        unique("deal_registrations", &["submission_seq"]),
        index("registration_events", &["registration_id", "id"]),
        index("registration_keys", &["registration_id"]),
        index("registration_doubts", &["registration_id"]),
    ],
    drops: &["registration_doubts", "registration_keys", "registration_events", "deal_registrations"]
}
