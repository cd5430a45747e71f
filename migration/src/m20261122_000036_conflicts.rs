//! Channel conflicts, verdicts, what is to be judged again, and what is known of accounts for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, date_null, integer, integer_null, string, string_null, text, text_null,
};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table};

fn conflicts() -> TableCreateStatement {
    table(
        "channel_conflicts",
        vec![
            id(),
            integer("version"),
            refers("registration_id"),
            refers("partner_id"),
            refers("claimed_id"),
            text("types"),
            string("status"),
            string("outcome"),
            refers("verdict_id"),
            instant_null("settled_at"),
            string_null("reviewer"),
            text_null("resolution"),
            text_null("reason"),
            instant_null("appealed_at"),
            string_null("appeal_against"),
            may_refer("appealed_by"),
            text_null("appeal_reason"),
            text_null("diff"),
            instant("raised_at"),
            instant("updated_at"),
        ],
        &[],
    )
}

fn verdicts() -> TableCreateStatement {
    table(
        "conflict_verdicts",
        vec![
            id(),
            refers("registration_id"),
            instant("evaluated_at"),
            string("occasion"),
            string("outcome"),
            may_refer("policy_version_id"),
            string("policy"),
            text("canonical"),
            text_null("diff"),
        ],
        &[],
    )
}

migration! {
    tables: vec![
        conflicts(),
        verdicts(),
        table("conflict_parties", vec![
            refers("conflict_id"),
            string("kind"),
            refers("claim_id"),
            may_refer("partner_id"),
            integer_null("share"),
        ], &["conflict_id", "kind", "claim_id"]),
        table("conflict_checks", vec![
            refers("registration_id").primary_key().take(),
            refers("note_id"),
            string("occasion"),
            instant("noted_at"),
        ], &[]),
        table("account_reservations", vec![
            refers("account_id").primary_key().take(),
            may_refer("partner_id"),
            instant("reserved_at"),
            string("reserved_by"),
        ], &[]),
        table("installed_products", vec![
            id(),
            refers("account_id"),
            refers("partner_id"),
            string("product"),
            date("valid_from"),
            date_null("valid_until"),
            instant("created_at"),
            string("created_by"),
        ], &[]),
        table("claim_checks", vec![id(), string("subject"), refers("partner_id"), instant("at")], &[]),
    ],
    indexes: vec![
        index("channel_conflicts", &["registration_id"]),
        index("channel_conflicts", &["status", "id"]),
        index("channel_conflicts", &["updated_at", "id"]),
        index("conflict_verdicts", &["registration_id", "id"]),
        index("conflict_parties", &["kind", "claim_id"]),
        index("conflict_parties", &["partner_id"]),
        index("conflict_checks", &["noted_at"]),
        index("installed_products", &["account_id"]),
        index("claim_checks", &["subject", "at"]),
    ],
    drops: &[
        "claim_checks", "installed_products", "account_reservations", "conflict_checks", "conflict_parties",
        "conflict_verdicts", "channel_conflicts",
    ]
}
