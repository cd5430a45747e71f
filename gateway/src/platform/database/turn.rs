//! Turns: what only one transaction may do at a time.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

/// Waits until no other transaction has the turn of that name, and takes it until this one ends.
///
/// For decisions that rest on rows which another transaction may be about to add: there is nothing yet that could be
/// locked. Transactions that take several turns take them in the order of their names. SQLite has one writer at a time.
pub async fn take_turn(txn: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let hash = blake3::hash(name.as_bytes());
    let first = hash.as_bytes().first_chunk().expect("a hash has 32 bytes");
    let key = i64::from_le_bytes(*first);
    txn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({key})")).await?;
    Ok(())
}
