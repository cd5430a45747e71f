//! Pins and locks in the API: fixing fields, letting them go, and showing who fixed what.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::holds::HoldKind;
use domain::review::Reason;
use entity::golden::hold::Model;
use mastering::survivorship::holds::Kept;
use serde::Serialize;

use super::provenance::{FieldProvenance, camel_case, field, one};
use crate::error::{Error, OfField as _, Result};
use crate::golden::loader::RecordRef;
use crate::golden::pins::service::{self, Place, Wish};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::platform::idempotency::Once;

/// A value that a person gave, whatever sources say.
#[derive(SimpleObject)]
pub struct Pin {
    /// Name of the pinned field: this one, or the one of its group that was pinned; the others stay as they were.
    field: String,
    /// The pinned value, in canonical text; null is empty.
    value: Option<String>,
    /// Why.
    reason: String,
    /// Subject of who pinned it.
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// When it ends by itself; null for never.
    until: Option<DateTime<Utc>>,
}

/// A value that a person keeps as it was, whatever sources say.
#[derive(SimpleObject)]
pub struct FieldLock {
    /// Name of the locked field: this one, or another one of its group.
    field: String,
    /// Why.
    reason: String,
    /// Subject of who locked it.
    by: String,
    /// When.
    at: DateTime<Utc>,
    /// When it ends by itself; null for never.
    until: Option<DateTime<Utc>>,
}

impl Pin {
    /// What a person pinned.
    pub(super) fn of(row: &Model) -> Result<Self> {
        let pinned = row.kind.field(&row.field).map_err(Error::internal)?;
        let kept = Kept::from_json(row.kind, &row.kept).map_err(Error::internal)?;
        Ok(Self {
            field: camel_case(&row.field),
            value: kept.get(pinned).and_then(|it| it.value.clone()),
            reason: row.reason.clone(),
            by: row.held_by.clone(),
            at: row.held_at,
            until: row.until,
        })
    }
}

impl FieldLock {
    /// What a person locked.
    pub(super) fn of(row: &Model) -> Self {
        Self {
            field: camel_case(&row.field),
            reason: row.reason.clone(),
            by: row.held_by.clone(),
            at: row.held_at,
            until: row.until,
        }
    }
}

/// A field to be given a value that counts whatever sources say.
#[derive(Debug, InputObject, Serialize)]
pub struct PinFieldInput {
    /// The lead, account, contact or opportunity.
    record_id: ID,
    /// The field, as its type names it, such as `lastName`.
    field: String,
    /// The value, as text; null or blank pins the field as empty.
    value: Option<String>,
    /// The version of the field that the decision is based on, as its provenance tells; refused when the field has moved.
    /// Unchecked when left out.
    version: Option<String>,
    /// Why.
    reason: String,
    /// When the pin ends by itself; never when left out.
    until: Option<DateTime<Utc>>,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// A field to be kept as it is served now, whatever sources say.
#[derive(Debug, InputObject, Serialize)]
pub struct LockFieldInput {
    /// The lead, account, contact or opportunity.
    record_id: ID,
    /// The field, as its type names it, such as `lastName`.
    field: String,
    /// The version of the field that the decision is based on, as its provenance tells; refused when the field has moved.
    /// Unchecked when left out.
    version: Option<String>,
    /// Why.
    reason: String,
    /// When the lock ends by itself; never when left out.
    until: Option<DateTime<Utc>>,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// A pinned field, so that its sources decide again.
#[derive(Debug, InputObject, Serialize)]
pub struct UnpinFieldInput {
    /// The lead, account, contact or opportunity.
    record_id: ID,
    /// The field, as its type names it, such as `lastName`.
    field: String,
    /// Why.
    reason: String,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// A locked field, so that its sources decide again.
#[derive(Debug, InputObject, Serialize)]
pub struct UnlockFieldInput {
    /// The lead, account, contact or opportunity.
    record_id: ID,
    /// The field, as its type names it, such as `lastName`.
    field: String,
    /// Why.
    reason: String,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// What fixing a field or letting it go gives back.
#[derive(SimpleObject)]
pub struct FieldPayload {
    /// The record.
    record_id: ID,
    /// The field as it is now; null when no source and nobody has a say on it.
    provenance: Option<FieldProvenance>,
}

/// Fixing fields and letting them go.
#[derive(Default)]
pub struct PinMutations;

#[Object]
impl PinMutations {
    /// Gives a field a value that counts whatever sources say, until the pin is taken off or ends.
    async fn pin_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be pinned.")] input: PinFieldInput,
    ) -> Result<Payload<FieldPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let place = place(&input.record_id, &input.field)?;
            let value =
                place.field.canonical(input.value.as_deref().unwrap_or_default()).of_field("value")?;
            let once = Once::new(input.idempotency_key.as_deref(), "pinField", &input)?;
            let wish = wish(place, input.version.as_deref(), &input.reason, input.until)?;
            service::pin(ctx, once, wish, value).await?;
            payload(ctx, place).await
        })
        .await
    }

    /// Takes a pin off.
    async fn unpin_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be let go.")] input: UnpinFieldInput,
    ) -> Result<Payload<FieldPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let place = place(&input.record_id, &input.field)?;
            let once = Once::new(input.idempotency_key.as_deref(), "unpinField", &input)?;
            service::release(ctx, once, HoldKind::Pin, place, input.reason.parse().of_field("reason")?)
                .await?;
            payload(ctx, place).await
        })
        .await
    }

    /// Keeps a field as it is served now, whatever sources say, until it is unlocked or the lock ends.
    async fn lock_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be locked.")] input: LockFieldInput,
    ) -> Result<Payload<FieldPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let place = place(&input.record_id, &input.field)?;
            let once = Once::new(input.idempotency_key.as_deref(), "lockField", &input)?;
            let wish = wish(place, input.version.as_deref(), &input.reason, input.until)?;
            service::lock(ctx, once, wish).await?;
            payload(ctx, place).await
        })
        .await
    }

    /// Unlocks a field.
    async fn unlock_field(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be let go.")] input: UnlockFieldInput,
    ) -> Result<Payload<FieldPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let place = place(&input.record_id, &input.field)?;
            let once = Once::new(input.idempotency_key.as_deref(), "unlockField", &input)?;
            service::release(ctx, once, HoldKind::Lock, place, input.reason.parse().of_field("reason")?)
                .await?;
            payload(ctx, place).await
        })
        .await
    }
}

fn place(id: &ID, name: &str) -> Result<Place> {
    let record = RecordRef::parse(id).of_field("recordId")?;
    Ok(Place { record, field: field(record, name).of_field("field")? })
}

fn wish(place: Place, version: Option<&str>, reason: &str, until: Option<DateTime<Utc>>) -> Result<Wish> {
    let reason: Reason = reason.parse().of_field("reason")?;
    // A version that we never gave is no version that a field has.
    let version = version.map(|it| it.parse().unwrap_or(-1));
    Ok(Wish { place, version, reason, until })
}

async fn payload(ctx: &RequestContext, Place { record, field }: Place) -> Result<FieldPayload> {
    Ok(FieldPayload { record_id: record.global_id(), provenance: one(ctx, record, field).await? })
}
