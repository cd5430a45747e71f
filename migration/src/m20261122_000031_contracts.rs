//! Contracts: their versions, documents, negotiations, and reminders of their ends.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, date_null, integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

migration! {
    tables: vec![
        table("contracts", vec![
            id(),
            integer("version"),
            refers("partner_id"),
            string("contract_type"),
            string("number"),
            integer("renewal"),
            string("status"),
            date("start_date"),
            date("end_date"),
            date("notice_deadline"),
            date_null("signed_on"),
            date_null("notice_given_on"),
            date_null("terminated_on"),
            text_null("termination_reason"),
            may_refer("predecessor_id"),
            instant("created_at"),
            string("created_by"),
            instant("updated_at"),
        ], &[]),
        versions(),
        table("contract_documents", vec![
            id(),
            refers("contract_id"),
            text("title"),
            text("reference"),
            instant("added_at"),
            string("added_by"),
        ], &[]),
        table("contract_negotiation_entries", vec![
            id(),
            refers("contract_id"),
            date("occurred_on"),
            text("note"),
            instant("entered_at"),
            string("entered_by"),
        ], &[]),
        table("contract_reminders", vec![
            refers("contract_id"),
            date("due_on"),
            instant("raised_at"),
            instant_null("acknowledged_at"),
            string_null("acknowledged_by"),
        ], &["contract_id", "due_on"]),
    ],
    indexes: vec![
        unique("contracts", &["number", "renewal"]),
        index("contracts", &["partner_id"]),
        index("contracts", &["status", "end_date"]),
        index("contracts", &["predecessor_id"]),
        unique("contract_versions", &["contract_id", "number"]),
        index("contract_documents", &["contract_id"]),
        index("contract_negotiation_entries", &["contract_id"]),
    ],
    drops: &[
        "contract_reminders", "contract_negotiation_entries", "contract_documents", "contract_versions", "contracts",
    ]
}

fn versions() -> TableCreateStatement {
    table(
        "contract_versions",
        vec![
            id(),
            refers("contract_id"),
            integer("number"),
            date("effective_on"),
            text_null("summary"),
            text("products"),
            text("prefectures"),
            text("industries"),
            integer("notice_days"),
            boolean("auto_renew"),
            integer("renewal_term_months"),
            text_null("price_terms"),
            text_null("payment_terms"),
            text_null("termination_terms"),
            text_null("clause_nda"),
            text_null("clause_non_compete"),
            text_null("clause_ip"),
            text_null("shortfall_action"),
            text_null("jurisdiction"),
            instant("created_at"),
            string("created_by"),
        ],
        &[],
    )
}
