//! Partner programs by fiscal year, the tiers of partners, and the evaluations behind them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, string, string_null, text, text_null};

use crate::columns::{id, index, instant, instant_null, may_refer, migration, refers, table, unique};

migration! {
    tables: vec![
        table("program_versions", vec![
            id(),
            integer("fiscal_year"),
            integer("number"),
            text("name"),
            text("document"),
            string("state"),
            instant("created_at"),
            string("created_by"),
            instant_null("activated_at"),
            string_null("activated_by"),
        ], &[]),
        table("partner_tiers", vec![
            id(),
            refers("partner_id"),
            string("tier"),
            integer("rank"),
            refers("program_version_id"),
            instant("since"),
            may_refer("evaluation_id"),
            text_null("reason"),
            string("decided_by"),
        ], &[]),
        table("tier_evaluations", vec![
            id(),
            refers("partner_id"),
            refers("program_version_id"),
            integer("fiscal_year"),
            integer("quarter"),
            instant("evaluated_at"),
            string("earned"),
            string("tier"),
            string("change"),
            integer("quarters_below"),
            text("evidence"),
            text("missing_for_next"),
        ], &[]),
        table("tier_measurements", vec![
            refers("partner_id"),
            integer("fiscal_year"),
            integer("quarter"),
            string("metric"),
            string("value"),
            instant("entered_at"),
            string("entered_by"),
        ], &["partner_id", "fiscal_year", "quarter", "metric"]),
    ],
    indexes: vec![
        unique("program_versions", &["fiscal_year", "number"]),
        one_active(),
        index("partner_tiers", &["partner_id", "since"]),
        unique("tier_evaluations", &["partner_id", "fiscal_year", "quarter"]),
    ],
    drops: &["tier_measurements", "tier_evaluations", "partner_tiers", "program_versions"]
}

/// At most one version is active in a year, whoever activates.
fn one_active() -> IndexCreateStatement {
    let mut index = index("program_versions", &["fiscal_year"]);
    index.name("ux_program_versions_fiscal_year_active").unique().cond_where(Expr::col("state").eq("ACTIVE"));
    index
}
