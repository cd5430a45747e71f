//! Partners, who manages them, and their users.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

migration! {
    tables: vec![
        table("partners", vec![
            id(),
            integer("version"),
            text("legal_name"),
            text_null("legal_name_kana"),
            text_null("display_name_ja"),
            text_null("display_name_en"),
            string_null("corporate_number"),
            string_null("invoice_registration_no"),
            text("types"),
            string("status"),
            may_refer("parent_partner_id"),
            string("locale"),
            string("timezone"),
            text_null("crm_account_ref"),
            instant("created_at"),
            string("created_by"),
            instant("updated_at"),
        ], &[]),
        table("partner_managers", vec![refers("partner_id"), string("subject")], &["partner_id", "subject"]),
        table("partner_users", vec![
            id(),
            integer("version"),
            refers("partner_id"),
            text("family_name"),
            text("given_name"),
            text_null("family_name_kana"),
            text_null("given_name_kana"),
            text("email"),
            text("email_key"),
            string("job_function"),
            string("role"),
            string("locale"),
            string("status"),
            instant_null("access_granted_at"),
            instant("created_at"),
            string("created_by"),
            instant("updated_at"),
        ], &[]),
    ],
    indexes: vec![
        unique("partners", &["corporate_number"]),
        index("partners", &["status"]),
        index("partner_managers", &["subject"]),
        unique("partner_users", &["partner_id", "email_key"]),
    ],
    drops: &["partner_users", "partner_managers", "partners"]
}
