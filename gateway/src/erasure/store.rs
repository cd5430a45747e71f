//! What is kept of a person beside golden records, in SQL.
//!
//! Documents are scrubbed by the names of their fields where they have such, and what people and systems wrote by the values that
//! were ever said of the person.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::ids::{OutboundChangeId, ReviewTaskId, SyncErrorId};
use domain::sync::{OutboundOperation, OutboundState};
use entity::golden::match_decision;
use entity::notifications::notification;
use entity::platform::audit_event;
use entity::policies::dry_run_example;
use entity::review::{review_event, review_task};
use entity::sync::{outbound_change, sync_error};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set,
};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::golden::service::{Person, Words};
use crate::platform::clock::Clock;
use crate::platform::database::lists;
use crate::review;

/// Scrubs a person out of everything beside golden records.
pub(super) async fn scrub(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    person: &Person,
) -> Result<()> {
    let superseded = scrub_outbox(db, now, person).await?;
    scrub_questions(db, clock, now, person, &superseded).await?;
    scrub_error_log(db, person).await?;
    scrub_answers(db, person).await?;
    scrub_dry_runs(db, person).await?;
    scrub_messages(db, person).await?;
    scrub_audit_log(db, person).await
}

/// Values leave what is to be told to others; what waits with some of them is superseded. Gives what is. What is on its way
/// arrives: the person stands in that system then, as before.
async fn scrub_outbox(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: &Person,
) -> Result<Vec<OutboundChangeId>> {
    use outbound_change::{Column, Entity, Model};
    let mut rows: BTreeMap<OutboundChangeId, Model> = BTreeMap::new();
    for list in lists(db, &person.goldens) {
        let found = Entity::find().filter(list.holds(Column::GoldenId)).all(db).await?;
        rows.extend(found.into_iter().map(|it| (it.id, it)));
    }
    for key in person.keys() {
        let of_record = of_record([Column::System, Column::Object, Column::ExternalId], key);
        rows.extend(Entity::find().filter(of_record).all(db).await?.into_iter().map(|it| (it.id, it)));
    }
    let mut superseded = Vec::new();
    for row in rows.into_values() {
        let values = without_person(row.kind, &row.values)?;
        let message = row.message.as_deref().map(|it| person.words.scrub(it));
        let is_of_person = values.is_some() || row.operation == OutboundOperation::Create;
        let may_be_sent =
            matches!(row.state, OutboundState::Pending | OutboundState::Held | OutboundState::Refused);
        let (id, ended_at) = (row.id, row.ended_at.unwrap_or(now));
        let mut changed = row.into_active_model();
        changed.message = Set(message);
        if let Some(values) = values {
            changed.values = Set(values);
        }
        if is_of_person && may_be_sent {
            superseded.push(id);
            changed.state = Set(OutboundState::Superseded);
            changed.ended_at = Set(Some(ended_at));
            changed.updated_at = Set(now);
        }
        changed.update(db).await?;
    }
    Ok(superseded)
}

fn of_record<C: ColumnTrait>(
    [system, object, external_id]: [C; 3],
    key: &domain::sources::SourceKey,
) -> Expr {
    let of_system = system.eq(key.system.clone()).and(object.eq(key.object.as_str()));
    of_system.and(external_id.eq(key.external_id.as_str()))
}

/// A document by names of fields, without those of a person; `None` when it has none of them.
fn without_person(kind: RecordKind, document: &str) -> Result<Option<String>> {
    let mut fields: Map<String, Value> = serde_json::from_str(document).map_err(Error::internal)?;
    let count = fields.len();
    fields.retain(|name, _| !is_personal(kind, name));
    Ok((fields.len() < count).then(|| Value::Object(fields).to_string()))
}

fn is_personal(kind: RecordKind, name: &str) -> bool {
    kind.field(name).is_ok_and(Field::is_personal)
}

/// What people were asked, and why they answered as they did. A question about what is scrubbed is moot.
async fn scrub_questions(
    db: &impl ConnectionTrait,
    clock: &Clock,
    now: DateTime<Utc>,
    person: &Person,
    superseded: &[OutboundChangeId],
) -> Result<()> {
    use review_task::Column;
    let mut tasks: BTreeMap<ReviewTaskId, review_task::Model> = BTreeMap::new();
    for list in lists(db, &person.goldens) {
        let named = list.holds(Column::GoldenId).or(list.holds(Column::OtherGoldenId));
        let found = review_task::Entity::find().filter(named).all(db).await?;
        tasks.extend(found.into_iter().map(|it| (it.id, it)));
    }
    let mut moot = Vec::new();
    for task in tasks.values() {
        let scrubbed = scrubbed(&person.words, &task.subject)?;
        let subject = scrubbed.as_deref().unwrap_or(&task.subject);
        if scrubbed.is_some() || is_about(task.record_kind, subject, superseded)? {
            moot.push(task.fingerprint.clone());
        }
        if let Some(subject) = scrubbed {
            let mut changed = task.clone().into_active_model();
            changed.subject = Set(subject);
            changed.update(db).await?;
        }
    }
    review::service::withdraw(db, clock, now, &moot).await?;
    scrub_review_events(db, person, &tasks.into_keys().collect::<Vec<_>>()).await
}

/// Whether a question is about a field of a person, or about a change that is superseded.
fn is_about(kind: RecordKind, subject: &str, superseded: &[OutboundChangeId]) -> Result<bool> {
    let subject: Value = serde_json::from_str(subject).map_err(Error::internal)?;
    let is_on_field = subject["field"].as_str().is_some_and(|it| is_personal(kind, it));
    let change = subject["change"].as_str();
    Ok(is_on_field || superseded.iter().any(|it| Some(it.to_string().as_str()) == change))
}

async fn scrub_review_events(
    db: &impl ConnectionTrait,
    person: &Person,
    tasks: &[ReviewTaskId],
) -> Result<()> {
    use review_event::Column;
    for list in lists(db, tasks) {
        for event in review_event::Entity::find().filter(list.holds(Column::TaskId)).all(db).await? {
            let reason = event.reason.as_deref().map(|it| person.words.scrub(it));
            let mut changed = event.into_active_model();
            changed.reason = Set(reason);
            changed.update(db).await?;
        }
    }
    Ok(())
}

/// A JSON document without the person; `None` when nothing of them is in it.
fn scrubbed(words: &Words, document: &str) -> Result<Option<String>> {
    let before: Value = serde_json::from_str(document).map_err(Error::internal)?;
    let mut after = before.clone();
    words.scrub_json(&mut after);
    Ok((before != after).then(|| after.to_string()))
}

/// The records as they failed, and what their systems said of them.
async fn scrub_error_log(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use sync_error::{Column, Entity, Model};
    let mut rows: BTreeMap<SyncErrorId, Model> = BTreeMap::new();
    for list in lists(db, &person.goldens) {
        let found = Entity::find().filter(list.holds(Column::GoldenId)).all(db).await?;
        rows.extend(found.into_iter().map(|it| (it.id, it)));
    }
    for key in person.keys() {
        let of_record = of_record([Column::System, Column::Object, Column::ExternalId], key);
        rows.extend(Entity::find().filter(of_record).all(db).await?.into_iter().map(|it| (it.id, it)));
    }
    let scrub = |text: &str| person.words.scrub(text);
    for row in rows.into_values() {
        let (message, source_message) = (scrub(&row.message), row.source_message.as_deref().map(scrub));
        let reason = row.reason.as_deref().map(scrub);
        let mut changed = row.into_active_model();
        changed.message = Set(message);
        changed.source_message = Set(source_message);
        changed.reason = Set(reason);
        changed.payload = Set(None);
        changed.update(db).await?;
    }
    Ok(())
}

/// Why people said that records are one, or are not.
async fn scrub_answers(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use match_decision::Column;
    for list in lists(db, &person.ids()) {
        let of_records = list.holds(Column::LeftRecordId).or(list.holds(Column::RightRecordId));
        for row in match_decision::Entity::find().filter(of_records).all(db).await? {
            let reason = person.words.scrub(&row.reason);
            let end_reason = row.end_reason.as_deref().map(|it| person.words.scrub(it));
            let mut changed = row.into_active_model();
            changed.reason = Set(reason);
            changed.end_reason = Set(end_reason);
            changed.update(db).await?;
        }
    }
    Ok(())
}

/// The values of examples of what policies would change; that they would stays.
async fn scrub_dry_runs(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use dry_run_example::Column;
    let personal = person.record.kind.fields().filter(|it| it.is_personal()).map(Field::name);
    let is_personal = Column::Field.is_in(personal.collect::<Vec<_>>());
    for list in lists(db, &person.goldens) {
        let named = list.holds(Column::GoldenId).or(list.holds(Column::OtherId));
        dry_run_example::Entity::update_many()
            .col_expr(Column::ValueBefore, Expr::value(None::<String>))
            .col_expr(Column::ValueAfter, Expr::value(None::<String>))
            .filter(Condition::all().add(named).add(is_personal.clone()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Messages tell why something was decided, in the words of whoever did; they name no record, so all are searched.
async fn scrub_messages(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use notification::{Column, Entity};
    for word in person.words.telling() {
        for row in Entity::find().filter(Column::Details.contains(word)).all(db).await? {
            if let Some(details) = scrubbed(&person.words, &row.details)? {
                let mut changed = row.into_active_model();
                changed.details = Set(details);
                changed.update(db).await?;
            }
        }
    }
    Ok(())
}

/// No values belong into the audit log; what got there all the same goes.
async fn scrub_audit_log(db: &impl ConnectionTrait, person: &Person) -> Result<()> {
    use audit_event::Column;
    for list in lists(db, &person.goldens) {
        for event in audit_event::Entity::find().filter(list.holds(Column::TargetId)).all(db).await? {
            if let Some(detail) = scrubbed(&person.words, &event.detail)? {
                let mut changed = event.into_active_model();
                changed.detail = Set(detail);
                changed.update(db).await?;
            }
        }
    }
    Ok(())
}
