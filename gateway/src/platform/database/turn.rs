//! Turns: what only one transaction may do at a time.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

/// Waits until no other transaction has the turn of that name, and takes it until this one ends.
///
/// For decisions that rest on rows which another transaction may be about to add: there is nothing yet that could be
/// locked. SQLite has one writer at a time.
pub async fn take_turn(txn: &DatabaseTransaction, name: &str) -> Result<(), DbErr> {
    take_turns(txn, [name]).await
}

/// The same with several turns, which everybody takes in one order, so that nobody waits in a circle.
pub async fn take_turns(
    txn: &DatabaseTransaction,
    names: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<(), DbErr> {
    let locks: BTreeSet<i64> = names.into_iter().map(|it| lock(it.as_ref())).collect();
    if txn.get_database_backend() != DbBackend::Postgres || locks.is_empty() {
        return Ok(());
    }
    let locks = locks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let wait = format!("SELECT pg_advisory_xact_lock(it) FROM unnest(ARRAY[{locks}]::bigint[]) AS it");
    txn.execute_unprepared(&wait).await?;
    Ok(())
}

/// PostgreSQL knows its advisory locks by numbers.
fn lock(name: &str) -> i64 {
    let hash = blake3::hash(name.as_bytes());
    i64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}
