//! SQLite or PostgreSQL behind one handle.
//!
//! Here: connecting, the settings each database needs, read and write transactions, applying the schema history; writing
//! many rows at once (`rows`), looking for many (`lists`), several codes in one column (`codes`), what one does at a time
//! (`turn`), what nobody waits for (`abandoned`), what is seen of each statement (`observed`), how busy it is (`figures`). Not
//! here: queries.

mod abandoned;
mod codes;
mod figures;
mod lists;
mod observed;
mod rows;
mod turn;

pub use abandoned::Awaited;
pub use codes::{join_codes, split_codes};
pub use figures::PoolFigures;
pub use lists::{List, Lists, among, among_if, lists};
pub use rows::insert_rows;
pub use turn::{take_turn, take_turns};

use std::collections::BTreeSet;
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

use self::abandoned::Abandoned;

/// Name of the lock that lets one replica migrate while the others wait (an arbitrary constant).
const MIGRATION_LOCK: i64 = 0x7061_7274_6e65_7267;

/// A connected database. Clones share the connections.
#[derive(Debug, Clone)]
pub struct Database {
    connection: DatabaseConnection,
    has_several_connections: bool,
    statements: Arc<AtomicU64>,
    abandoned: Abandoned,
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
        let abandoned = Abandoned::default();
        let closing = abandoned.clone();
        let mut connect = ConnectOptions::new(options.url);
        connect
            // One for the migration and one to look with meanwhile.
            .max_connections(if is_memory { 1 } else { options.max_connections.max(2) })
            .acquire_timeout(options.acquire_timeout)
            .statement_timeout(options.statement_timeout)
            .sqlx_logging(false)
            .map_sqlx_postgres_pool_opts(move |pool| closing.pool(pool))
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
        observed::observe(&mut connection, &statements, None);
        Ok(Self { connection, has_several_connections: !is_memory, statements, abandoned })
    }

    /// The same, which logs statements that take longer.
    #[must_use]
    pub fn telling_slow(mut self, after: Duration) -> Self {
        observed::observe(&mut self.connection, &self.statements, Some(after));
        self
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
        match self.check_complete().await? {
            Some(unknown) => Err(SchemaError::Newer { unknown }),
            None => Ok(()),
        }
    }

    /// Checks that the schema has all that this version was built for; tells the first change of a newer version, if one has
    /// been here. A change leaves the version before it what it needs, so while versions are exchanged that one may start.
    pub async fn check_complete(&self) -> Result<Option<String>, SchemaError> {
        let (applied, known) = (self.applied().await?, known());
        let unknown = applied.difference(&known).next().cloned();
        match (known.difference(&applied).count(), unknown) {
            (0, unknown) => Ok(unknown),
            (_, Some(unknown)) => Err(SchemaError::Newer { unknown }),
            (pending, None) => Err(SchemaError::Outdated { pending }),
        }
    }

    async fn check_not_newer(&self) -> Result<(), SchemaError> {
        match self.applied().await?.difference(&known()).next() {
            Some(unknown) => Err(SchemaError::Newer { unknown: unknown.clone() }),
            None => Ok(()),
        }
    }

    /// The changes that have been made.
    async fn applied(&self) -> Result<BTreeSet<String>, SchemaError> {
        if !SchemaManager::new(&self.connection).has_table("seaql_migrations").await? {
            return Ok(BTreeSet::new());
        }
        let applied = Migrator::get_migration_models(&self.connection).await?;
        Ok(applied.into_iter().map(|it| it.version).collect())
    }

    /// Somebody waits for what is asked from now on; who drops this without an answer does not any more.
    pub fn awaited(&self) -> Awaited {
        self.abandoned.awaited()
    }

    /// Statements sent so far; tests count with it.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

/// The changes that this version knows.
fn known() -> BTreeSet<String> {
    Migrator::migrations().iter().map(|it| it.name().to_owned()).collect()
}
