//! Turns: submissions that may be about one customer are handed in one after another.
//!
//! PostgreSQL has a lock for each key of a company and for each account, held until the transaction ends. All keys come
//! before all accounts, each in order, and rows are locked after both, so that nobody waits in a circle. SQLite has one
//! writer at a time anyway.

use std::collections::BTreeSet;

use domain::ids::GoldenId;
use mastering::matching::blocking::BlockingKey;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

/// Waits until nobody else hands in what may be about the same company.
pub(super) async fn of_companies(
    txn: &DatabaseTransaction,
    keys: impl IntoIterator<Item = BlockingKey>,
) -> Result<(), DbErr> {
    wait(txn, keys.into_iter().map(|it| number(&["company", &it.0.to_string()])).collect()).await
}

/// Waits until nobody else decides about claims on these accounts.
pub async fn of_accounts(
    txn: &DatabaseTransaction,
    accounts: impl IntoIterator<Item = GoldenId>,
) -> Result<(), DbErr> {
    wait(txn, accounts.into_iter().map(|it| number(&["account", &it.to_string()])).collect()).await
}

/// Waits until nobody else counts what this person does.
pub async fn of_subject(txn: &DatabaseTransaction, subject: &str) -> Result<(), DbErr> {
    wait(txn, BTreeSet::from([number(&["subject", subject])])).await
}

async fn wait(txn: &DatabaseTransaction, locks: BTreeSet<i64>) -> Result<(), DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres || locks.is_empty() {
        return Ok(());
    }
    let locks = locks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let wait = format!("SELECT pg_advisory_xact_lock(it) FROM unnest(ARRAY[{locks}]::bigint[]) AS it");
    txn.execute_unprepared(&wait).await?;
    Ok(())
}

/// The lock of that name.
fn number(name: &[&str]) -> i64 {
    let hash = blake3::hash(name.join("\u{1f}").as_bytes());
    i64::from_le_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}
