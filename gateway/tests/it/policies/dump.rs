//! Everything a store holds, table by table, as text: for saying that nothing was changed.

use std::collections::BTreeMap;

use gateway::platform::database::Database;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

/// The rows of every table but these, sorted.
pub async fn dump(database: &Database, without: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in names(database).await {
        if !without.contains(&table.as_str()) {
            let rows = rows(database, &table).await;
            tables.insert(table, rows);
        }
    }
    tables
}

async fn names(database: &Database) -> Vec<String> {
    let question = match backend(database) {
        DbBackend::Postgres => "SELECT tablename::text AS it FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name AS it FROM sqlite_master WHERE type = 'table'",
    };
    ask(database, question).await
}

async fn rows(database: &Database, table: &str) -> Vec<String> {
    let question = match backend(database) {
        DbBackend::Postgres => format!("SELECT row_to_json(it)::text AS it FROM \"{table}\" it"),
        _ => {
            let columns = format!("SELECT name AS it FROM pragma_table_info('{table}')");
            let columns = ask(database, &columns).await;
            let quoted: Vec<String> = columns.iter().map(|it| format!("quote(\"{it}\")")).collect();
            format!("SELECT {} AS it FROM \"{table}\"", quoted.join(" || ',' || "))
        }
    };
    let mut rows = ask(database, &question).await;
    rows.sort_unstable();
    rows
}

async fn ask(database: &Database, question: &str) -> Vec<String> {
    let db = database.read();
    let rows = db.query_all_raw(Statement::from_string(backend(database), question)).await.unwrap();
    rows.iter().map(|it: &QueryResult| it.try_get("", "it").unwrap()).collect()
}

fn backend(database: &Database) -> DbBackend {
    database.read().get_database_backend()
}
