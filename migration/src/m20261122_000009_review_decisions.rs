//! What happened to each review task, and what decides which of them comes first.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer_null, integer_null, string, string_null, text_null};

use crate::columns::{self, id, index, instant, may_refer, refers, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn additions() -> Vec<ColumnDef> {
    vec![
        may_refer("other_golden_id"),
        integer_null("score"),
        integer_null("weight"),
        string_null("requested_by"),
        integer_null("deciders"),
    ]
}

fn events() -> TableCreateStatement {
    let columns = vec![
        id(),
        refers("task_id"),
        instant("at"),
        string("action"),
        string_null("subject"),
        string_null("decision"),
        text_null("reason"),
        may_refer("batch_id"),
        big_integer_null("waited_seconds"),
    ];
    table("review_events", columns, &[])
}

fn task_indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("review_tasks", &["updated_at", "id"]),
        index("review_tasks", &["golden_id"]),
        index("review_tasks", &["other_golden_id"]),
        index("review_tasks", &["claimed_by"]),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in additions() {
            manager.alter_table(Table::alter().table("review_tasks").add_column(column).take()).await?;
        }
        let mut indexes = task_indexes();
        indexes.push(index("review_events", &["task_id", "id"]));
        indexes.push(index("review_events", &["action", "at"]));
        indexes.push(index("review_events", &["batch_id"]));
        columns::create(manager, vec![events()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::drop(manager, &["review_events"]).await?;
        for index in task_indexes() {
            let name = index.get_index_spec().get_name().expect("indexes are named").to_owned();
            manager.drop_index(Index::drop().name(name).table("review_tasks").to_owned()).await?;
        }
        for column in additions() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("review_tasks").drop_column(name).take()).await?;
        }
        Ok(())
    }
}
