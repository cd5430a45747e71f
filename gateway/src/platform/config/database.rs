//! `[database]`: the store.

use std::time::Duration;

use super::section::Reading;
use crate::platform::secret::Secret;

/// Where the store is and how many connections it gets.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite://<file>` or `postgres://<user>:<password>@<host>/<database>`.
    pub url: Secret,
    /// Connections of the pool.
    pub max_connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long one statement may take on PostgreSQL; those of a migration may take any time.
    pub statement_timeout: Duration,
    /// A statement that takes longer is logged, with its plan.
    pub slow_statement: Duration,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: Secret::from("sqlite://gateway.db"),
            max_connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
            slow_statement: Duration::from_secs(1),
        }
    }
}

impl Database {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("database");
        let url: Secret = section.or("url", default.url);
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|it| url.reveal().starts_with(it)) {
            section.refuse("url", "expected sqlite://<file> or postgres://<user>@<host>/<database>");
        }
        Self {
            url,
            max_connections: section.within("max_connections", 1..=1_000, default.max_connections.into())
                as u32,
            acquire_timeout: section.or("acquire_timeout", default.acquire_timeout),
            statement_timeout: section.or("statement_timeout", default.statement_timeout),
            slow_statement: section.or("slow_statement", default.slow_statement),
        }
    }
}
