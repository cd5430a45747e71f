//! Assets in versions with what they are found by, packages of them, and who was given which.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, integer_null, string, string_null, text, text_null};

use crate::columns::{
    id, index, instant, instant_null, may_refer, migration, refers, table, unique, unique_while_open,
};

fn versions() -> TableCreateStatement {
    table(
        "asset_versions",
        vec![
            id(),
            refers("asset_id"),
            string("language"),
            integer("number"),
            string("title"),
            text("tags"),
            text_null("body"),
            text_null("location"),
            text("search_title"),
            text("search_text"),
            integer_null("lowest_tier_rank"),
            instant("valid_from"),
            instant_null("valid_until"),
            string("published_by"),
        ],
        &[],
    )
}

fn assignments() -> TableCreateStatement {
    table(
        "support_assignments",
        vec![
            id(),
            refers("partner_id"),
            refers("asset_version_id"),
            may_refer("package_id"),
            instant("assigned_at"),
            string("assigned_by"),
            instant_null("due_at"),
            instant_null("delivered_at"),
            instant_null("opened_at"),
            instant_null("consumed_at"),
            instant_null("cancelled_at"),
            string_null("cancelled_by"),
            text_null("cancel_reason"),
            instant_null("stale_since"),
        ],
        &[],
    )
}

migration! {
    tables: vec![
        table("enablement_assets", vec![
            id(),
            string("kind"),
            string("owner_department"),
            instant("created_at"),
            string("created_by"),
            instant_null("retired_at"),
        ], &[]),
        versions(),
        table("asset_terms", vec![string("term"), refers("asset_version_id")], &["term", "asset_version_id"]),
        table("support_packages", vec![
            id(),
            string("name_ja"),
            string_null("name_en"),
            instant("created_at"),
            string("created_by"),
        ], &[]),
        table("support_package_items", vec![refers("package_id"), integer("position"), refers("asset_id")], &[
            "package_id", "position",
        ]),
        assignments(),
    ],
    indexes: vec![
        unique("asset_versions", &["asset_id", "language", "number"]),
        index("asset_terms", &["asset_version_id"]),
        index("support_assignments", &["partner_id", "assigned_at"]),
        // Nobody is given the same twice while it is not taken back.
        unique_while_open("support_assignments", &["asset_version_id", "partner_id"], "cancelled_at"),
        index("support_assignments", &["delivered_at", "partner_id"]),
        index("support_assignments", &["stale_since"]),
    ],
    drops: &[
        "support_assignments", "support_package_items", "support_packages", "asset_terms", "asset_versions",
        "enablement_assets",
    ]
}
