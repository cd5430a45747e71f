//! When the agreement with a partner ended: its registrations live on for some days after that.

use sea_orm_migration::prelude::*;

use crate::columns::instant_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "partners";
const COLUMN: &str = "terminated_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).add_column(instant_null(COLUMN)).take()).await?;
        // Of those that ended before, the last change is the nearest that is known.
        let ended = Query::update()
            .table(TABLE)
            .value(COLUMN, Expr::col("updated_at"))
            .and_where(Expr::col("status").eq("TERMINATED"))
            .take();
        manager.execute(ended).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column(COLUMN).take()).await
    }
}
