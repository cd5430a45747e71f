//! Golden records, which source records make them, why they have their values, and what was found alike.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean_null, date_null, integer, string, string_null, text, text_null,
};

use crate::columns::{
    id, index, instant, instant_null, may_refer, migration, refers, table, unique_while_open,
};

fn golden(name: &'static str, texts: &[&'static str], others: Vec<ColumnDef>) -> TableCreateStatement {
    let mut columns = vec![
        id(),
        integer("version"),
        may_refer("redirect_to"),
        instant_null("archived_at"),
        instant("created_at"),
        instant("updated_at"),
    ];
    columns.extend(texts.iter().map(|name| text_null(*name)));
    columns.extend(others);
    table(name, columns, &[])
}

migration! {
    tables: vec![
        golden("golden_accounts", &[
            "name", "name_kana", "name_en", "corporate_number", "phone", "website", "industry",
            "street", "city", "region", "postal_code", "country", "parent_ref",
        ], vec![may_refer("parent_id")]),
        golden("golden_contacts", &[
            "last_name", "first_name", "last_name_kana", "first_name_kana", "title", "department",
            "email", "phone", "mobile_phone", "account_ref",
        ], vec![may_refer("account_id")]),
        golden("golden_leads", &[
            "last_name", "first_name", "last_name_kana", "first_name_kana", "company", "title",
            "email", "phone", "mobile_phone", "website", "corporate_number", "industry",
            "street", "city", "region", "postal_code", "country", "source_channel", "origin", "stage", "score",
            "converted_account_ref", "converted_contact_ref", "converted_opportunity_ref",
        ], vec![
            boolean_null("consent_to_share"),
            may_refer("assigned_partner_id"),
            may_refer("assigned_user_id"),
            may_refer("account_id"),
            may_refer("opportunity_id"),
            big_integer_null("company_key"),
        ]),
        golden("golden_opportunities", &[
            "name", "stage", "currency", "loss_reason", "deal_type", "owner", "account_ref",
        ], vec![
            big_integer_null("amount_minor"),
            date_null("close_date"),
            boolean_null("is_closed"),
            boolean_null("is_won"),
            may_refer("account_id"),
            may_refer("sourcing_partner_id"),
        ]),
        table("record_links", vec![
            id(),
            refers("source_record_id"),
            refers("golden_id"),
            string("kind"),
            string("state"),
            instant("linked_at"),
            instant_null("ended_at"),
            text("evidence"),
        ], &[]),
        table("settlements", vec![
            refers("golden_id").primary_key().take(),
            string("kind"),
            string("policy_version"),
            text("trace"),
        ], &[]),
        table("match_keys", vec![
            big_integer("key"),
            refers("source_record_id"),
            string("kind"),
            big_integer("name_key"),
        ], &["key", "source_record_id"]),
        table("match_candidates", vec![
            refers("left_record_id"),
            refers("right_record_id"),
            string("kind"),
            integer("score"),
            integer("weight"),
            string("band"),
            text("verdict"),
            string("policy_version"),
            instant("found_at"),
        ], &["left_record_id", "right_record_id"]),
        table("merge_operations", vec![
            id(),
            string("kind"),
            refers("survivor_id"),
            refers("loser_id"),
            text("moved_records"),
            text("evidence"),
            instant("merged_at"),
            string("merged_by"),
            instant_null("undone_at"),
            string_null("undone_by"),
        ], &[]),
    ],
    indexes: vec![
        index("golden_accounts", &["name"]),
        index("golden_accounts", &["updated_at", "id"]),
        index("golden_accounts", &["parent_ref"]),
        index("golden_accounts", &["parent_id"]),
        index("golden_contacts", &["account_id"]),
        index("golden_contacts", &["account_ref"]),
        index("golden_leads", &["updated_at", "id"]),
        index("golden_leads", &["assigned_partner_id"]),
        index("golden_leads", &["account_id"]),
        index("golden_leads", &["company_key"]),
        index("golden_leads", &["converted_account_ref"]),
        index("golden_leads", &["converted_opportunity_ref"]),
        index("golden_leads", &["opportunity_id"]),
        index("golden_opportunities", &["account_id"]),
        index("golden_opportunities", &["account_ref"]),
        index("golden_opportunities", &["sourcing_partner_id"]),
        index("golden_opportunities", &["close_date", "id"]),
        index("record_links", &["golden_id"]),
        unique_while_open("record_links", &["source_record_id"], "ended_at"),
        index("match_keys", &["source_record_id"]),
        index("match_candidates", &["right_record_id"]),
        index("merge_operations", &["loser_id"]),
        index("merge_operations", &["survivor_id"]),
    ],
    drops: &[
        "merge_operations", "match_candidates", "match_keys", "settlements", "record_links",
        "golden_opportunities", "golden_leads", "golden_contacts", "golden_accounts",
    ]
}
