//! SQLite or PostgreSQL behind one handle.
//!
//! Here: connecting, the settings each database needs, read and write transactions, applying the schema history; writing
//! many rows at once (`rows`), looking for many (`lists`), several codes in one column (`codes`), what one does at a time
//! (`turn`), how busy it is (`figures`). Not here: queries.

mod codes;
mod figures;
mod lists;
mod rows;
mod turn;

pub use codes::{join_codes, split_codes};
pub use figures::PoolFigures;
pub use lists::{List, Lists, among, among_if, lists};
pub use rows::insert_rows;
pub use turn::{take_turn, take_turns};

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::Migrator;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigratorTrait, SchemaManager};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

/// Name of the lock that lets one replica migrate while the others wait (an arbitrary constant).
const MIGRATION_LOCK: i64 = 0x7061_7274_6e65_7267;

/// A connected database. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Database {
    connection: DatabaseConnection,
    has_several_connections: bool,
    statements: Arc<AtomicU64>,
}

/// Where the database is, and how many connections it is worth.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// `sqlite://path`, `sqlite::memory:` or `postgres://…`.
    pub url: String,
    /// Most connections at once.
    pub max_connections: u32,
    /// How long a request waits for one.
    pub acquire_timeout: Duration,
    /// How long one statement may take on PostgreSQL.
    pub statement_timeout: Duration,
}

/// Why the schema is not usable.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A newer gateway has been here.
    #[error(
        "the database was migrated by a newer version (it knows `{unknown}`); run that version, or restore a backup"
    )]
    Newer {
        /// The first change this version does not know.
        unknown: String,
    },
    /// Changes are missing.
    #[error("the database lacks {pending} schema changes; run `gateway migrate`")]
    Outdated {
        /// How many.
        pending: usize,
    },
    /// The database refused.
    #[error("the schema could not be read or changed: {0}")]
    Database(#[from] DbErr),
}

impl Database {
    /// Connects; a SQLite file is created when missing.
    pub async fn connect(options: DatabaseOptions) -> Result<Self, DbErr> {
        let is_memory = options.url.contains(":memory:");
        let mut connect = ConnectOptions::new(options.url);
        connect
            // One for the migration and one to look with meanwhile.
            .max_connections(if is_memory { 1 } else { options.max_connections.max(2) })
            .acquire_timeout(options.acquire_timeout)
            .statement_timeout(options.statement_timeout)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(Duration::from_secs(30))
                    .foreign_keys(true)
                    .pragma("cache_size", "-32768")
                    .pragma("temp_store", "MEMORY")
                    // In pages, 64 MB: a sync rewrites the same index pages again and again, and each checkpoint
                    // copies them.
                    .pragma("wal_autocheckpoint", "16384")
                    // Long statements of many rows: a hundred of them, the default, keep a hundred megabytes.
                    .statement_cache_capacity(16)
                    // Rows come from a thread of their own; with few in between, the two threads wake each other all
                    // the time.
                    .row_buffer_size(4096)
            });
        let mut connection = sea_orm::Database::connect(connect).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&statements);
        connection.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        Ok(Self { connection, has_several_connections: !is_memory, statements })
    }

    /// The connections, for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a transaction that will write.
    ///
    /// On SQLite it takes the write lock at once: a transaction that reads first and writes later fails with
    /// "database is locked" as soon as another one wrote in between, and waiting does not help it.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
        self.connection.begin_with_options(options).await
    }

    /// Begins a transaction that only reads, and sees the store as it was at one instant however long it takes.
    pub async fn begin_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        // SQLite's transactions are snapshots from their first statement on, and know no such words.
        if self.connection.get_database_backend() != DbBackend::Postgres {
            return self.connection.begin().await;
        }
        let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        self.connection.begin_with_config(Some(isolation), Some(access)).await
    }

    /// Whether others can work while a transaction is open; not so for a SQLite store in memory.
    pub fn has_several_connections(&self) -> bool {
        self.has_several_connections
    }

    /// Applies the missing part of the schema history, one replica at a time.
    pub async fn migrate(&self) -> Result<(), SchemaError> {
        if self.connection.get_database_backend() != DbBackend::Postgres {
            self.check_not_newer().await?;
            return Ok(Migrator::up(&self.connection, None).await?);
        }
        let guard = self.connection.begin().await?;
        // A large table takes its time, and so does the replica in front.
        guard.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        guard.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        self.check_not_newer().await?;
        Migrator::up(&guard, None).await?;
        Ok(guard.commit().await?)
    }

    /// Checks that the schema is exactly the one this version was built for. Looking changes nothing.
    pub async fn check_schema(&self) -> Result<(), SchemaError> {
        let applied = self.check_not_newer().await?;
        match Migrator::migrations().len() - applied {
            0 => Ok(()),
            pending => Err(SchemaError::Outdated { pending }),
        }
    }

    /// How many changes have been applied, all of which this version knows.
    async fn check_not_newer(&self) -> Result<usize, SchemaError> {
        if !SchemaManager::new(&self.connection).has_table("seaql_migrations").await? {
            return Ok(0);
        }
        let known: Vec<String> = Migrator::migrations().iter().map(|it| it.name().to_owned()).collect();
        let applied = Migrator::get_migration_models(&self.connection).await?;
        match applied.iter().find(|it| !known.contains(&it.version)) {
            Some(unknown) => Err(SchemaError::Newer { unknown: unknown.version.clone() }),
            None => Ok(applied.len()),
        }
    }

    /// Statements sent so far; tests count with it.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
