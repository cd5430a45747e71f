//! Pins that the sources have left behind: a value would win now that was not known when the field was pinned.
//!
//! A pin stays whatever sources say; but whoever pinned corrected what was known then, and must hear of what is not. The
//! question goes away when the sources come to agree with the pin, return to what it outvoted, or the pin ends.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::fields::Field;
use domain::holds::HoldKind;
use domain::ids::GoldenId;
use domain::review::ReviewKind;
use entity::golden::hold;
use mastering::equivalence;
use mastering::golden_record::GoldenRecord;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::in_force::{InForce, kept};
use super::store;
use crate::error::{Error, Result};
use crate::golden::resolve::Settled;
use crate::golden::service::Engine;
use crate::review;
use crate::review::foresight::Saying;
use crate::review::service::Question;

/// The value that the sources would serve.
pub(super) fn would_be(golden: &GoldenRecord, field: Field) -> Option<&str> {
    let settlement = golden.settlement(field)?;
    match settlement.hold() {
        None => settlement.value.as_deref(),
        Some(_) => settlement.would_win()?.0.value.as_deref(),
    }
}

/// Asks about the pins of records that were settled anew, or takes the questions back.
pub(in crate::golden) async fn follow(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    settled: &[Settled],
    held: &InForce,
) -> Result<()> {
    let settled: HashMap<GoldenId, &GoldenRecord> = settled.iter().map(|it| (it.id, &it.golden)).collect();
    for pin in held.rows.iter().filter(|it| it.hold == HoldKind::Pin) {
        if let Some(golden) = settled.get(&pin.golden_id) {
            follow_pin(db, engine, now, golden, pin).await?;
        }
    }
    Ok(())
}

/// What is said to the review queue about the pins of a record when it is settled so.
pub(in crate::golden) fn foresee(
    (id, golden): (GoldenId, &GoldenRecord),
    held: &InForce,
) -> Result<Vec<Saying>> {
    let mut sayings = Vec::new();
    for pin in held.rows.iter().filter(|it| it.golden_id == id && it.hold == HoldKind::Pin) {
        let question = due(golden, pin)?;
        if question.as_ref().map(Question::fingerprint) != pin.asked.as_deref() {
            let taken_back = pin.asked.iter().map(|it| Saying::withdrawn(ReviewKind::StalePin, it));
            sayings.extend(taken_back.chain(question.iter().map(Saying::asked)));
        }
    }
    Ok(sayings)
}

async fn follow_pin(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    golden: &GoldenRecord,
    pin: &hold::Model,
) -> Result<()> {
    let question = due(golden, pin)?;
    let asked = question.as_ref().map(Question::fingerprint);
    if asked == pin.asked.as_deref() {
        return Ok(());
    }
    withdraw(db, engine, now, pin).await?;
    store::note(db, pin.id, pin.outvoted.as_deref(), asked).await?;
    match question {
        Some(question) => review::service::ask(db, &engine.clock, now, question).await.map(drop),
        None => Ok(()),
    }
}

/// The question that a pin raises; `None` while the sources say what was known, or what is pinned.
fn due(golden: &GoldenRecord, pin: &hold::Model) -> Result<Option<Question>> {
    let field = golden.kind().field(&pin.field).map_err(Error::internal)?;
    let (kept, would_be) = (kept(pin)?, would_be(golden, field));
    let pinned = kept.get(field).and_then(|it| it.value.as_deref());
    let is_known = equivalence::same(field, would_be, pin.outvoted.as_deref());
    let is_stale = !is_known && !equivalence::same(field, would_be, pinned);
    Ok(is_stale.then(|| question(golden, field, pin, (pinned, would_be))))
}

fn question(
    golden: &GoldenRecord,
    field: Field,
    pin: &hold::Model,
    (pinned, would_be): (Option<&str>, Option<&str>),
) -> Question {
    let instead = golden.settlement(field).and_then(|it| it.would_win());
    let value = blake3::hash(would_be.unwrap_or_default().as_bytes()).to_hex();
    let kind = ReviewKind::StalePin;
    let fingerprint = format!("{kind}|{}|{}", pin.first_id(), &value[..16]);
    let subject = json!({
        "field": pin.field,
        "pinned": pinned,
        "pinnedBy": pin.held_by,
        "pinnedAt": pin.held_at,
        "pinReason": pin.reason,
        "wouldBe": would_be,
        "source": instead.map(|(it, _)| &*it.source),
        "changedAt": instead.map(|(it, _)| it.changed_at),
        "rule": instead.map(|(_, step)| step),
    });
    Question::new(kind, pin.kind, fingerprint, subject).about([Some(pin.golden_id), None])
}

/// Takes back what was asked about a pin.
pub(super) async fn withdraw(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    pin: &hold::Model,
) -> Result<()> {
    match &pin.asked {
        Some(asked) => review::service::withdraw(db, &engine.clock, now, std::slice::from_ref(asked)).await,
        None => Ok(()),
    }
}
