//! What is seen of each statement when it has ended: it is counted and stands in the trace, and one that took long is logged
//! with the plan that the database makes of it. Neither texts nor plans have values, which may be of persons.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::metric::Info;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait};
use tracing::Instrument as _;

use crate::platform::telemetry;

/// Longest text of a statement in the log, in characters.
const LONGEST: usize = 2_000;
/// Plans that one process asks for: statements that differ by the length of a list are many.
const MOST_PLANS: usize = 1_000;

/// Sees each statement of a connection from now on.
pub(super) fn observe(connection: &mut DatabaseConnection, count: &Arc<AtomicU64>, slow: Option<Duration>) {
    let count = Arc::clone(count);
    let slow = slow.map(|after| Slow { after, connection: connection.clone(), explained: Mutex::default() });
    connection.set_metric_callback(move |info| {
        count.fetch_add(1, Ordering::Relaxed);
        telemetry::trace_statement(&info.statement.sql, info.elapsed, info.failed);
        if let Some(slow) = &slow {
            slow.note(info);
        }
    });
}

/// Tells of statements that take long.
struct Slow {
    after: Duration,
    connection: DatabaseConnection,
    explained: Mutex<HashSet<blake3::Hash>>,
}

impl Slow {
    fn note(&self, info: &Info<'_>) {
        if info.elapsed < self.after {
            return;
        }
        let Statement { sql, values, .. } = info.statement;
        let (milliseconds, statement) = (info.elapsed.as_millis(), shortened(sql));
        tracing::warn!(milliseconds, statement, "a slow statement");
        if self.is_new(sql) {
            let values = values.as_ref().map_or(0, |it| it.0.len());
            tokio::spawn(explain(self.connection.clone(), sql.clone(), values).in_current_span());
        }
    }

    fn is_new(&self, sql: &str) -> bool {
        let mut explained = self.explained.lock().unwrap_or_else(PoisonError::into_inner);
        explained.len() < MOST_PLANS && explained.insert(blake3::hash(sql.as_bytes()))
    }
}

async fn explain(connection: DatabaseConnection, sql: String, values: usize) {
    let plan = match connection.get_database_backend() {
        DbBackend::Postgres => generic_plan(&connection, &sql, values).await,
        _ => rows(&connection, format!("EXPLAIN QUERY PLAN {sql}"), "detail").await,
    };
    match plan {
        Ok(plan) => tracing::warn!(plan, statement = shortened(&sql), "the plan of a slow statement"),
        Err(error) => tracing::debug!(%error, "a slow statement has no plan"),
    }
}

/// The plan that PostgreSQL makes whatever the values are: one for certain values would show them.
async fn generic_plan(connection: &DatabaseConnection, sql: &str, values: usize) -> Result<String, DbErr> {
    let txn = connection.begin().await?;
    let name = format!("explained_{:.16}", blake3::hash(sql.as_bytes()).to_hex());
    let given = if values == 0 { String::new() } else { format!("({})", vec!["NULL"; values].join(", ")) };
    txn.execute_unprepared("SET LOCAL plan_cache_mode = force_generic_plan").await?;
    txn.execute_unprepared(&format!("PREPARE {name} AS {sql}")).await?;
    let plan = rows(&txn, format!("EXPLAIN EXECUTE {name}{given}"), "QUERY PLAN").await?;
    txn.execute_unprepared(&format!("DEALLOCATE {name}")).await?;
    txn.rollback().await?;
    Ok(plan)
}

/// A column of texts, line by line.
async fn rows(db: &impl ConnectionTrait, sql: String, column: &str) -> Result<String, DbErr> {
    let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let lines: Result<Vec<String>, DbErr> = found.iter().map(|it| it.try_get("", column)).collect();
    Ok(lines?.join("\n"))
}

fn shortened(sql: &str) -> String {
    sql.chars().take(LONGEST).collect()
}
