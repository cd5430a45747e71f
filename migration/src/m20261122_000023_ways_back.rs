//! From a golden record to those that lost a merge to it, and from a source record to all the golden records it ever belonged
//! to: without these indexes each merge and each change of belonging reads whole tables.

use sea_orm_migration::prelude::*;

use crate::columns::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const GOLDEN: [&str; 4] = ["golden_accounts", "golden_contacts", "golden_leads", "golden_opportunities"];

/// Each with its table.
fn indexes() -> Vec<(&'static str, IndexCreateStatement)> {
    let redirects = GOLDEN.map(|table| {
        // Few records ever lose a merge.
        let mut redirects = index(table, &["redirect_to"]);
        redirects.cond_where(Expr::col("redirect_to").is_not_null());
        (table, redirects)
    });
    let links = "record_links";
    redirects.into_iter().chain([(links, index(links, &["source_record_id"]))]).collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (_, index) in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, index) in indexes() {
            let name = index.get_index_spec().get_name().expect("every index has a name").to_owned();
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        Ok(())
    }
}
