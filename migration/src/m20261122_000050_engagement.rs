//! The engagement log, what identifies its events, days to be counted, and kinds that are switched.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, string, text, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{create, drop, index, instant, may_refer, refers, table};

const LOG: &str = "engagement_events";

/// On PostgreSQL the key has to name what rows are distributed by.
fn log() -> TableCreateStatement {
    table(
        LOG,
        vec![
            uuid("id"),
            string("source"),
            string("event_id"),
            string("kind"),
            string("measure"),
            refers("partner_id"),
            may_refer("user_id"),
            may_refer("asset_version_id"),
            string("channel"),
            instant("occurred_at"),
            instant("received_at"),
            boolean("is_access"),
            text("payload"),
        ],
        &["occurred_at", "id"],
    )
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_log(manager).await?;
        let tables = vec![
            table(
                "engagement_event_keys",
                vec![uuid("key").primary_key().take(), uuid("content"), refers("event_id")],
                &[],
            ),
            table(
                "engagement_days_due",
                vec![refers("partner_id"), date("day"), instant("since")],
                &["partner_id", "day"],
            ),
            table(
                "engagement_kinds",
                vec![
                    string("code").primary_key().take(),
                    boolean("is_on"),
                    instant("changed_at"),
                    string("changed_by"),
                ],
                &[],
            ),
        ];
        let indexes =
            vec![index(LOG, &["partner_id", "occurred_at", "id"]), index("engagement_days_due", &["day"])];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["engagement_kinds", "engagement_days_due", "engagement_event_keys", LOG]).await
    }
}

/// PostgreSQL distributes the log by month. Months are made by whoever writes to them; until then, and for whatever is
/// written past us, there is a partition that takes all.
async fn create_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return manager.create_table(log()).await;
    }
    let log = log().to_string(PostgresQueryBuilder);
    let connection = manager.get_connection();
    connection.execute_unprepared(&format!("{log} PARTITION BY RANGE (occurred_at)")).await?;
    let rest = format!("CREATE TABLE {LOG}_rest PARTITION OF {LOG} DEFAULT");
    connection.execute_unprepared(&rest).await.map(std::mem::drop)
}
