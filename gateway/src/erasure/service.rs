//! Use cases of erasure.

use domain::access::Permission;
use domain::ids::GoldenId;
use domain::review::Reason;
use domain::sources::SourceKey;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::store;
use crate::error::{Refusal, Result};
use crate::golden::loader::RecordRef;
use crate::golden::service::{Mastering, Person, erase_person, find_person, wait_for_turn};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, distribution, registrations, review};

/// Whose data is to be erased.
#[derive(Debug, Clone)]
pub struct Erase {
    /// The lead or contact.
    pub record: RecordRef,
    /// Why.
    pub reason: Reason,
    /// Whether it is only to be seen what would happen.
    pub is_dry_run: bool,
}

/// What an erasure came to; the same when it is asked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The golden record, which stays.
    pub id: GoldenId,
    /// How many source records of it hold nothing of the person any more.
    pub records: usize,
    /// Records of other systems in which the person still stands, until somebody erases them there.
    pub elsewhere: Vec<SourceKey>,
    /// Source records that once belonged to it and were declared another person's: they were left alone.
    pub others: Vec<SourceKey>,
    /// Whether there was anything to erase.
    pub is_changed: bool,
}

/// Why nothing is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErasureRefusal {
    /// Companies and deals are no persons.
    #[error("only leads and contacts are about a person; name the lead or the contact that is to be erased")]
    NotAPerson,
}

impl Refusal for ErasureRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Erases the person of a golden record from everything that we keep. It cannot be taken back.
///
/// A dry run does all of it and takes it back.
pub async fn erase(ctx: &RequestContext, once: Once<'_>, wanted: &Erase) -> Result<Erased> {
    ctx.caller.require(Permission::ErasePersons)?;
    let RecordRef { kind, id } = wanted.record;
    if !kind.is_of_person() {
        return Err(ErasureRefusal::NotAPerson.into());
    }
    let txn = ctx.begin().await?;
    wait_for_turn(&txn).await?;
    let is_repeated = once.earlier::<GoldenId>(&txn, ctx).await?.is_some();
    let person = find_person(&txn, kind, id).await?;
    let erased = Erased::of(&person, !is_repeated && person.is_known());
    if erased.is_changed {
        scrub(&txn, ctx, &person, &wanted.reason).await?;
    }
    if wanted.is_dry_run || is_repeated {
        txn.rollback().await?;
        return Ok(erased);
    }
    once.remember(&txn, ctx, erased.id).await?;
    txn.commit().await?;
    review::service::announce_request(ctx).await;
    Ok(erased)
}

/// What is kept elsewhere goes first: settling the record then notes anew what is still to be told to others.
async fn scrub(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    person: &Person,
    reason: &Reason,
) -> Result<()> {
    let engine = Mastering::of(ctx).engine(txn).await?;
    store::scrub(txn, &ctx.clock, ctx.now, person).await?;
    let registrations = registrations::service::erase_person(txn, ctx, person).await?;
    conflicts::service::erase_person(txn, person, &registrations).await?;
    distribution::service::erase_person(txn, person).await?;
    erase_person(txn, &engine, ctx.now, person, &ctx.caller.subject).await?;
    let detail = json!({ "records": person.ids(), "reason": person.words.scrub(reason.as_str()) });
    let (target_kind, target_id) = (<&str>::from(person.record.kind), person.record.id.into());
    audit::record(txn, ctx, AuditEvent { action: "erasure.erase", target_kind, target_id, detail }).await
}

impl Erased {
    fn of(person: &Person, is_changed: bool) -> Self {
        Self {
            id: person.record.id,
            records: person.ids().len(),
            elsewhere: person.elsewhere(),
            others: person.others(),
            is_changed,
        }
    }
}
