//! Whose turn it is to read a source, which ticks were heeded, and how the reading of each object went.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, string, string_null, text_null};

use crate::columns::{self, index, instant, instant_null, refers, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn additions() -> Vec<ColumnDef> {
    vec![text_null("bulk_place"), instant_null("newest_stamp"), instant_null("checked_at")]
}

fn tables() -> Vec<TableCreateStatement> {
    let leases = vec![
        string("system").primary_key().take(),
        refers("run_id"),
        string("holder"),
        big_integer("token"),
        instant("acquired_at"),
        instant("expires_at"),
    ];
    let ticks = vec![string("system"), string("schedule"), instant("due_at")];
    let reports = vec![
        refers("run_id"),
        string("object"),
        string("system"),
        string_null("method"),
        instant("started_at"),
        instant("ended_at"),
        boolean("is_complete"),
        big_integer_null("records_expected"),
        big_integer("records_received"),
        big_integer("records_read"),
        big_integer("records_changed"),
        big_integer("records_unchanged"),
        big_integer("records_failed"),
        big_integer_null("at_source"),
        big_integer("missing"),
        big_integer("stale"),
        big_integer("surplus"),
        big_integer("repaired"),
        instant_null("oldest_unseen_stamp"),
        text_null("message"),
    ];
    vec![
        table("sync_leases", leases, &[]),
        table("sync_ticks", ticks, &["system", "schedule"]),
        table("sync_object_reports", reports, &["run_id", "object"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            manager.alter_table(Table::alter().table("watermarks").add_column(column).take()).await?;
        }
        let indexes = vec![index("sync_object_reports", &["system", "object", "ended_at"])];
        columns::create(manager, tables(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::drop(manager, &["sync_object_reports", "sync_ticks", "sync_leases"]).await?;
        for column in additions() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("watermarks").drop_column(name).take()).await?;
        }
        Ok(())
    }
}
