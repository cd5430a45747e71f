//! Use cases of pins and locks.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::{Field, FieldKind, RecordKind, lead};
use domain::holds::HoldKind;
use domain::ids::GoldenId;
use domain::leads::{LeadOrigin, LeadStage};
use domain::review::Reason;
use entity::golden::hold;
use mastering::policy::Unit;
use mastering::survivorship::holds::Kept;
use mastering::survivorship::steps::NullPolicy;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use super::refusal::HoldRefusal;
use super::store::{self, End};
use super::subject::Subject;
use super::{expiry, merges, stale};
use crate::error::{Error, NotFound, Result};
use crate::golden::links::Occasion;
use crate::golden::loader::RecordRef;
use crate::golden::service::{Engine, Mastering, wait_for_turn};
use crate::golden::{facts, resolve, served};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;

/// One field of a golden record.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The record.
    pub record: RecordRef,
    /// The field.
    pub field: Field,
}

impl Place {
    /// A field, by its name in the catalogue, of the golden record that an id leads to by now.
    pub async fn find(
        db: &impl ConnectionTrait,
        kind: RecordKind,
        golden: GoldenId,
        field: &str,
    ) -> Result<Self> {
        let id = served::current_kind(db, kind, golden).await?.ok_or(NotFound("record"))?;
        let field = kind.field(field).map_err(Error::internal)?;
        Ok(Self { record: RecordRef { kind, id }, field })
    }
}

/// How a field is to be fixed.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Which field.
    pub place: Place,
    /// The version of the field that the decision is based on; unchecked when `None`.
    pub version: Option<i64>,
    /// Why.
    pub reason: Reason,
    /// When it ends by itself; never when `None`.
    pub until: Option<DateTime<Utc>>,
}

/// What is served while a field is fixed.
enum Fixed {
    /// What a person gives.
    Value(Option<String>),
    /// What is served now.
    AsItIs,
}

/// Gives a field a value that counts until the pin is taken off or ends.
pub async fn pin(ctx: &RequestContext, once: Once<'_>, wish: Wish, value: Option<String>) -> Result<()> {
    fix(ctx, once, &wish, Fixed::Value(value)).await
}

/// Keeps a field as it is served now until the lock is taken off or ends.
pub async fn lock(ctx: &RequestContext, once: Once<'_>, wish: Wish) -> Result<()> {
    fix(ctx, once, &wish, Fixed::AsItIs).await
}

async fn fix(ctx: &RequestContext, once: Once<'_>, wish: &Wish, fixed: Fixed) -> Result<()> {
    ctx.caller.require(Permission::PinFields)?;
    let txn = ctx.begin().await?;
    let sequence = facts::take_sequence(&txn, 1).await?;
    if once.earlier::<Uuid>(&txn, ctx).await?.is_some() {
        return Ok(());
    }
    fix_in(&txn, ctx, sequence, (wish, fixed)).await?;
    once.remember(&txn, ctx, wish.place.record.id).await?;
    Ok(txn.commit().await?)
}

async fn fix_in(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    sequence: i64,
    (wish, fixed): (&Wish, Fixed),
) -> Result<()> {
    let Place { record, field } = wish.place;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let unit = engine.policies.precedence.unit(field);
    fixed.check(unit, field)?;
    let subject = Subject::load(txn, record).await?;
    check_wish(ctx, fixed.kind(), wish, &subject)?;
    for over in subject.over(ctx.now) {
        expiry::end(txn, &engine, ctx.now, over).await?;
    }
    let (hold, action) = (fixed.kind(), fixed.action());
    let kept = fixed.keep(Kept::of(&subject.golden, unit), field, (ctx.now, sequence));
    let row = row(ctx, hold, wish, &subject, &kept);
    let detail = json!({ "field": field.name(), "hold": row.id, "until": wish.until });
    store::insert(txn, row).await?;
    settle(txn, &engine, record, ctx.now).await?;
    audit::record(txn, ctx, event(action, record, detail)).await
}

/// Pins a field to another value than it is pinned to, in the transaction of a decision. The caller has waited for their turn.
pub async fn pin_instead(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    place: Place,
    value: Option<String>,
    reason: &Reason,
) -> Result<()> {
    take_off(txn, ctx, HoldKind::Pin, place, reason).await?;
    let sequence = facts::take_sequence(txn, 1).await?;
    let wish = Wish { place, version: None, reason: reason.clone(), until: None };
    fix_in(txn, ctx, sequence, (&wish, Fixed::Value(value))).await
}

/// Lets what is fixed of a field go on at the golden record that was parted from this one, in the transaction of a decision.
/// The caller has waited for their turn.
pub async fn hand_over(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    hold: HoldKind,
    place: Place,
    to: GoldenId,
) -> Result<()> {
    let Place { record, field } = place;
    let engine = Mastering::of(ctx).engine(txn).await?;
    let sides = (record.id, to);
    let handed = merges::hand_over(txn, &engine, ctx.now, (hold, field.name()), sides).await?;
    handed.ok_or(HoldRefusal::NothingToHandOver { field })?;
    let occasion = Occasion { kind: record.kind, now: ctx.now };
    resolve::settle_anew(txn, &engine, occasion, [record.id, to]).await?;
    let detail = json!({ "field": field.name(), "hold": hold, "to": to });
    audit::record(txn, ctx, event("golden.hand_over", record, detail)).await
}

impl Fixed {
    fn kind(&self) -> HoldKind {
        match self {
            Self::Value(_) => HoldKind::Pin,
            Self::AsItIs => HoldKind::Lock,
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Self::Value(_) => "golden.pin",
            Self::AsItIs => "golden.lock",
        }
    }

    /// Checks that the field can have such a value.
    fn check(&self, unit: &Unit, field: Field) -> Result<()> {
        let Self::Value(value) = self else { return Ok(()) };
        match (field.kind(), value.as_deref()) {
            (FieldKind::Reference(_) | FieldKind::Partner | FieldKind::PartnerUser, _) => {
                Err(HoldRefusal::FieldNotPinnable { field }.into())
            }
            (_, None) if unit.rule.null == NullPolicy::Never => {
                Err(HoldRefusal::FieldNeverEmpty { field }.into())
            }
            (_, Some(code)) if field == lead::stage => Ok(code.parse::<LeadStage>().map(drop)?),
            (_, Some(code)) if field == lead::origin => Ok(code.parse::<LeadOrigin>().map(drop)?),
            _ => Ok(()),
        }
    }

    fn keep(self, kept: Kept, field: Field, (now, sequence): (DateTime<Utc>, i64)) -> Kept {
        match self {
            Self::Value(value) => kept.with(field, value, now, sequence),
            // Nobody has had a say on it yet: it stays empty.
            Self::AsItIs if kept.get(field).is_none() => kept.with(field, None, now, sequence),
            Self::AsItIs => kept,
        }
    }
}

fn check_wish(ctx: &RequestContext, hold: HoldKind, wish: &Wish, subject: &Subject) -> Result<()> {
    let field = wish.place.field;
    if let Some(until) = wish.until.filter(|it| *it <= ctx.now) {
        return Err(HoldRefusal::EndPassed { until }.into());
    }
    if let Some(held) = subject.hold(hold, field, ctx.now) {
        let (by, at) = (held.held_by.clone(), held.held_at);
        return Err(match hold {
            HoldKind::Pin => HoldRefusal::AlreadyPinned { field, by, at },
            HoldKind::Lock => HoldRefusal::AlreadyLocked { field, by, at },
        }
        .into());
    }
    if field.is_personal() && subject.is_erased() {
        return Err(HoldRefusal::PersonErased { field }.into());
    }
    subject.check_version(field, wish.version, &ctx.caller)
}

fn row(ctx: &RequestContext, hold: HoldKind, wish: &Wish, subject: &Subject, kept: &Kept) -> hold::Model {
    let Place { record, field } = wish.place;
    hold::Model {
        id: ctx.clock.new_id(),
        hold,
        kind: record.kind,
        golden_id: record.id,
        field: field.name().to_owned(),
        kept: kept.to_json(),
        reason: wish.reason.as_str().to_owned(),
        held_by: ctx.caller.subject.clone(),
        held_at: ctx.now,
        since: ctx.now,
        until: wish.until,
        ended_at: None,
        ended_by: None,
        end_reason: None,
        continues: None,
        replaced_by: None,
        evidence_records: json!(subject.evidence(field)).to_string(),
        outvoted: stale::would_be(&subject.golden, field).map(str::to_owned),
        asked: None,
    }
}

/// Takes a pin or a lock off a field; the sources decide again.
pub async fn release(
    ctx: &RequestContext,
    once: Once<'_>,
    hold: HoldKind,
    place: Place,
    reason: Reason,
) -> Result<()> {
    ctx.caller.require(Permission::PinFields)?;
    let txn = ctx.begin().await?;
    wait_for_turn(&txn).await?;
    if once.earlier::<Uuid>(&txn, ctx).await?.is_some() {
        return Ok(());
    }
    take_off(&txn, ctx, hold, place, &reason).await?;
    once.remember(&txn, ctx, place.record.id).await?;
    Ok(txn.commit().await?)
}

/// Takes a pin or lock off, in the transaction of a decision. The caller has waited for their turn.
pub async fn take_off(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    hold: HoldKind,
    place: Place,
    reason: &Reason,
) -> Result<()> {
    let Place { record, field } = place;
    let subject = Subject::load(txn, record).await?;
    let (action, missing) = match hold {
        HoldKind::Pin => ("golden.unpin", HoldRefusal::NotPinned { field }),
        HoldKind::Lock => ("golden.unlock", HoldRefusal::NotLocked { field }),
    };
    let held = subject.hold(hold, field, ctx.now).ok_or(missing)?;
    let (by, reason) = (ctx.caller.subject.as_str(), Some(reason.as_str()));
    store::end(txn, held.id, End { at: ctx.now, by, reason, replaced_by: None }).await?;
    let engine = Mastering::of(ctx).engine(txn).await?;
    stale::withdraw(txn, &engine, ctx.now, held).await?;
    settle(txn, &engine, record, ctx.now).await?;
    let detail = json!({ "field": field.name(), "hold": held.id });
    audit::record(txn, ctx, event(action, record, detail)).await
}

/// Keeps a pin although another value would win now, in the transaction of a decision: it is not asked about that value
/// again. The caller has waited for their turn.
pub async fn keep_pin(txn: &impl ConnectionTrait, ctx: &RequestContext, place: Place) -> Result<()> {
    let Place { record, field } = place;
    let subject = Subject::load(txn, record).await?;
    let pin = subject.hold(HoldKind::Pin, field, ctx.now).ok_or(HoldRefusal::NotPinned { field })?;
    store::note(txn, pin.id, stale::would_be(&subject.golden, field), None).await?;
    let detail = json!({ "field": field.name(), "hold": pin.id });
    audit::record(txn, ctx, event("golden.keep_pin", record, detail)).await
}

async fn settle(
    db: &impl ConnectionTrait,
    engine: &Engine,
    record: RecordRef,
    now: DateTime<Utc>,
) -> Result<()> {
    resolve::settle_anew(db, engine, Occasion { kind: record.kind, now }, [record.id]).await
}

fn event(action: &'static str, record: RecordRef, detail: serde_json::Value) -> AuditEvent {
    AuditEvent { action, target_kind: record.kind.into(), target_id: record.id.into(), detail }
}
