//! The store: filled by statements, for only reading is measured.

use anyhow::Result;
use bench::{say, store};
use tokio_postgres::NoTls;

/// Fills an empty database; leaves one that has leads as it is.
pub async fn fill(database: &str) -> Result<()> {
    store(database).await?;
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    let connection = tokio::spawn(connection);
    let filled: bool = client.query_one("SELECT EXISTS (SELECT FROM golden_leads)", &[]).await?.get(0);
    if !filled {
        say("filling the database");
        client.batch_execute(include_str!("tables.sql")).await?;
    }
    connection.abort();
    Ok(())
}
