//! Who uses the grant of a source: a rotating token that two processes use at once is lost to both.

use sea_orm_migration::prelude::*;

use crate::columns::{instant_null, may_refer};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "source_tokens";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [may_refer("holder"), instant_null("held_until")] {
            manager.alter_table(Table::alter().table(TABLE).add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["held_until", "holder"] {
            manager.alter_table(Table::alter().table(TABLE).drop_column(column).take()).await?;
        }
        Ok(())
    }
}
