//! What each policy version changed when it came into force, and the dry run that its approver had before them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

use crate::columns::may_refer;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "policy_versions";

fn additions() -> [ColumnDef; 2] {
    [text_null("effect"), may_refer("approved_dry_run_id")]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table(TABLE).drop_column(name).take()).await?;
        }
        Ok(())
    }
}
