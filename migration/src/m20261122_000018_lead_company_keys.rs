//! The keys of each lead's company, by which accounts that come or change find it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

use crate::columns::{self, index, refers, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What was known of every lead so far: the key of its company's name. Its other keys follow when the lead is settled anew.
const KNOWN: &str = "INSERT INTO lead_company_keys (key, lead_id) \
    SELECT company_key, id FROM golden_leads WHERE company_key IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys =
            table("lead_company_keys", vec![big_integer("key"), refers("lead_id")], &["key", "lead_id"]);
        columns::create(manager, vec![keys], vec![index("lead_company_keys", &["lead_id"])]).await?;
        manager.get_connection().execute_unprepared(KNOWN).await?;
        let mut by_name = Index::drop();
        manager.drop_index(by_name.name("ix_golden_leads_company_key").table("golden_leads").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("golden_leads", &["company_key"])).await?;
        columns::drop(manager, &["lead_company_keys"]).await
    }
}
