//! Figures as they were recorded.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, string, text};

use crate::columns::{index, instant, migration, table};

const SNAPSHOTS: &str = "kpi_snapshots";

migration! {
    tables: vec![
        table(SNAPSHOTS, vec![
            string("kpi"),
            date("begins"),
            date("ends"),
            instant("recorded_at"),
            instant("checked_at"),
            integer("formula_version"),
            text("measured"),
        ], &["kpi", "begins", "ends", "recorded_at"]),
    ],
    indexes: vec![index(SNAPSHOTS, &["checked_at"])],
    drops: &[SNAPSHOTS]
}
