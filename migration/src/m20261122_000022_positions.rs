//! Where the events of a source stand, which run heeded a tick and how often it was tried, and refresh tokens.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, integer_null, string, text};

use crate::columns::{self, instant, may_refer, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn additions() -> Vec<ColumnDef> {
    vec![may_refer("run_id"), integer_null("attempts")]
}

fn tables() -> Vec<TableCreateStatement> {
    let positions = vec![
        string("system").primary_key().take(),
        big_integer_null("last_replay_id"),
        instant("received_at"),
    ];
    let tokens = vec![string("system").primary_key().take(), text("token"), instant("kept_at")];
    vec![table("webhook_positions", positions, &[]), table("source_tokens", tokens, &[])]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            manager.alter_table(Table::alter().table("sync_ticks").add_column(column).take()).await?;
        }
        columns::create(manager, tables(), vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::drop(manager, &["source_tokens", "webhook_positions"]).await?;
        for column in additions() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("sync_ticks").drop_column(name).take()).await?;
        }
        Ok(())
    }
}
