//! How busy the connections of this process are.

use async_trait::async_trait;
use sea_orm::DbBackend;

use super::Database;
use crate::error::Result;
use crate::platform::metrics::{Figure, Figures};

/// Tells how many connections there are.
#[derive(Debug)]
pub struct PoolFigures(Database);

impl PoolFigures {
    /// Those of this database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

#[async_trait]
impl Figures for PoolFigures {
    async fn gather(&self) -> Result<Vec<Figure>> {
        let connection = self.0.read();
        let (open, idle) = match connection.get_database_backend() {
            DbBackend::Postgres => {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        let figure = |state: &str, value: f64| Figure {
            name: "database_connections",
            help: "Connections of this process to the database; when none is idle, requests wait",
            of: vec![("state", state.to_owned())],
            value,
        };
        Ok(vec![figure("open", open.into()), figure("idle", idle as f64)])
    }
}
