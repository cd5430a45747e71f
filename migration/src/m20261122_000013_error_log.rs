//! What people need to work on the error log: what the source said, when a record is tried again, who decided what.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_null, text_null};

use crate::columns::{index, instant_null, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ERRORS: &str = "sync_errors";

fn additions() -> Vec<ColumnDef> {
    vec![
        text_null("source_message"),
        text_null("payload"),
        instant_null("next_attempt_at"),
        text_null("reason"),
        string_null("decided_by"),
        instant_null("decided_at"),
    ]
}

/// One entry per record and kind of failure, in either direction.
fn one_of_each() -> IndexCreateStatement {
    unique(ERRORS, &["direction", "system", "object", "external_id", "category"])
}

/// The same before there were two directions.
fn one_of_each_before() -> IndexCreateStatement {
    unique(ERRORS, &["system", "object", "external_id", "category"])
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        one_of_each(),
        index(ERRORS, &["external_id"]),
        index(ERRORS, &["run_id"]),
        index(ERRORS, &["next_attempt_at"]),
        index(ERRORS, &["last_seen_at", "id"]),
    ]
}

async fn drop_index(manager: &SchemaManager<'_>, index: &IndexCreateStatement) -> Result<(), DbErr> {
    let name = index.get_index_spec().get_name().expect("indexes are named").to_owned();
    manager.drop_index(Index::drop().name(name).table(ERRORS).to_owned()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            manager.alter_table(Table::alter().table(ERRORS).add_column(column).take()).await?;
        }
        drop_index(manager, &one_of_each_before()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        // What was tried by every run is tried by the next one.
        let due =
            "UPDATE sync_errors SET next_attempt_at = last_seen_at WHERE is_retryable AND state = 'OPEN'";
        manager.get_connection().execute_unprepared(due).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            drop_index(manager, &index).await?;
        }
        manager.create_index(one_of_each_before()).await?;
        for column in additions() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table(ERRORS).drop_column(name).take()).await?;
        }
        Ok(())
    }
}
