//! Since when a partner has stood where: what figures about the past ask.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string;

use crate::columns::{create, drop, instant, refers, table};

/// Of partners from before only the end is known, if there was one: until then they count as active.
const KNOWN: [&str; 2] = [
    "INSERT INTO partner_statuses (partner_id, since, status)
     SELECT id, created_at, CASE WHEN terminated_at IS NULL OR terminated_at <= created_at THEN status ELSE 'ACTIVE' END
     FROM partners",
    "INSERT INTO partner_statuses (partner_id, since, status)
     SELECT id, terminated_at, status FROM partners WHERE terminated_at > created_at",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![refers("partner_id"), instant("since"), string("status")];
        let statuses = table("partner_statuses", columns, &["partner_id", "since"]);
        create(manager, vec![statuses], vec![]).await?;
        for known in KNOWN {
            manager.get_connection().execute_unprepared(known).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["partner_statuses"]).await
    }
}
