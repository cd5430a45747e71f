//! Writing many rows with few statements.
//!
//! SQLite takes the values one by one. PostgreSQL takes the rows as one JSON value, which it takes apart itself: a statement
//! of one parameter is the same text for any number of rows, so it is made ready once, and nobody builds, parses and keeps
//! texts of thousands of placeholders.

use chrono::SecondsFormat;
use futures::future::try_join_all;
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict, Query, Value, sea_value_to_json_value};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityTrait, Iden, Iterable,
};
use serde_json::{Map, Value as Json};

/// Rows in one JSON value. More would only need more memory at once.
const ROWS_OF_JSON: usize = 2_000;

/// Inserts rows, as many at once as fit into a statement, under a rule for rows that exist. Every column is written: one that
/// is not set is null.
///
/// The statements are made ready while others are carried out: SQLite has a thread of its own, PostgreSQL a process.
pub async fn insert_rows<E, A>(
    db: &impl ConnectionTrait,
    rows: Vec<A>,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let size = if is_postgres { ROWS_OF_JSON } else { chunk_size(E::Column::iter().count()) };
    let mut rows = rows.into_iter().peekable();
    let mut statements = Vec::new();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(size).collect();
        let conflict = conflict.clone();
        statements.push(async move {
            match is_postgres {
                true => insert_json::<E, A>(db, chunk, conflict).await,
                false => insert_values::<E, A>(db, chunk, conflict).await,
            }
        });
    }
    try_join_all(statements).await?;
    Ok(())
}

async fn insert_values<E, A>(
    db: &impl ConnectionTrait,
    rows: Vec<A>,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    let insert = E::insert_many(rows);
    match conflict {
        Some(rule) => insert.on_conflict(rule).exec_without_returning(db).await?,
        None => insert.exec_without_returning(db).await?,
    };
    Ok(())
}

async fn insert_json<E, A>(
    db: &impl ConnectionTrait,
    rows: Vec<A>,
    conflict: Option<OnConflict>,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    A: ActiveModelTrait<Entity = E>,
{
    let rows: Vec<Json> = rows.into_iter().map(json_row).collect();
    let rows = serde_json::to_string(&rows).map_err(|it| DbErr::Json(it.to_string()))?;
    let table = E::default();
    let row_type = Expr::cust(format!("NULL::\"{}\"", table.table_name()));
    let rows = Func::cust("json_populate_recordset").arg(row_type).arg(Expr::val(rows).cast_as("json"));
    let source = Query::select().columns(E::Column::iter()).from_function(rows, "rows").take();
    let mut insert = Query::insert();
    insert.into_table(table.table_ref()).columns(E::Column::iter());
    insert.select_from(source).map_err(|it| DbErr::Custom(it.to_string()))?;
    if let Some(rule) = conflict {
        insert.on_conflict(rule);
    }
    db.execute(&insert).await?;
    Ok(())
}

/// A row by the names of its columns. Null is left out, as a missing name means the same.
fn json_row<A: ActiveModelTrait>(mut row: A) -> Json {
    let mut json = Map::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.take(column)
            && let value @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) = to_json(value)
        {
            json.insert(column.to_string(), value);
        }
    }
    Json::Object(json)
}

/// A value as PostgreSQL reads it from JSON. Times have microseconds, as where a value is sent by itself.
fn to_json(value: Value) -> Json {
    match value {
        Value::String(Some(text)) => Json::String(text),
        Value::ChronoDate(Some(date)) => Json::String(date.to_string()),
        Value::ChronoDateTimeUtc(Some(time)) => {
            Json::String(time.to_rfc3339_opts(SecondsFormat::Micros, true))
        }
        other => sea_value_to_json_value(&other),
    }
}

/// How many rows of `columns` values go into one statement. Databases take more than ten times as many, but preparing and
/// keeping statements of that length costs more time and memory than sending a few short ones.
fn chunk_size(columns: usize) -> usize {
    const MAX_VALUES: usize = 3_000;
    (MAX_VALUES / columns.max(1)).max(1)
}
