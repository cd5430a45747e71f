//! Turns: submissions that may be about one customer are handed in one after another.
//!
//! All keys of companies come before all accounts, and rows are locked after both, so that nobody waits in a circle.

use domain::ids::GoldenId;
use entity::registrations::deal_registration::Model;
use mastering::matching::blocking::BlockingKey;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::conflicts;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::{take_turn, take_turns};

/// Waits until nobody else hands in what may be about the same company.
pub(super) async fn of_companies(
    txn: &DatabaseTransaction,
    keys: impl IntoIterator<Item = BlockingKey>,
) -> Result<(), DbErr> {
    take_turns(txn, keys.into_iter().map(|it| format!("registrations.company {}", it.0))).await
}

/// Waits until nobody else decides about claims on these customers, their families included where those count.
pub async fn of_customers(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    customers: impl IntoIterator<Item = GoldenId>,
) -> Result<()> {
    let together = conflicts::service::judged_together(txn, ctx, customers.into_iter().collect()).await?;
    Ok(take_turns(txn, together.iter().map(|it| format!("registrations.account {it}"))).await?)
}

/// The same for the customer of a registration.
pub(super) async fn of_claim(txn: &DatabaseTransaction, ctx: &RequestContext, row: &Model) -> Result<()> {
    of_customers(txn, ctx, row.claimed_id).await
}

/// Waits until nobody else counts what this person does.
pub async fn of_subject(txn: &DatabaseTransaction, subject: &str) -> Result<(), DbErr> {
    take_turn(txn, &format!("registrations.subject {subject}")).await
}
