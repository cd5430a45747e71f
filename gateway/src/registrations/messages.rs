//! Who is told by message what happened to a registration: the partner's people of decisions and of ends that come near, the
//! vendor's people of decisions that are late.
//!
//! A partner's people are told what their own registration says, and nothing else.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::alerts::Urgency;
use domain::calendar::date_in_tokyo;
use domain::notifications::NotificationTopic;
use domain::registrations::{RegistrationStatus, RegistrationStep};
use entity::registrations::deal_registration::Model;
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};

use super::news::DECISIONS;
use super::service::{Note, global_id};
use crate::error::Result;
use crate::notifications;
use crate::notifications::service::{News, Recipient, in_both};
use crate::partners::{service as partners, users};
use crate::platform::context::RequestContext;

/// Tells of a step, if anybody is told of such.
pub(super) async fn tell(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    row: &Model,
    (step, note): (RegistrationStep, &Note<'_>),
) -> Result<()> {
    let (topic, recipients) = match step {
        RegistrationStep::Warned => (NotificationTopic::RegistrationExpiring, people(txn, row).await?),
        RegistrationStep::Escalated => (NotificationTopic::RegistrationOverdue, vec![Recipient::Staff]),
        it if DECISIONS.contains(&it) => (NotificationTopic::RegistrationDecided, people(txn, row).await?),
        _ => return Ok(()),
    };
    let mut details = details(row, step, note);
    if topic == NotificationTopic::RegistrationOverdue {
        details["partner"] = json!(partners::names(txn, [row.partner_id]).await?.remove(&row.partner_id));
    }
    let occasion = format!("{} {} {step}", row.id, row.version);
    let news = News { topic, occasion, urgency: Urgency::Normal, details };
    notifications::service::tell(txn, ctx, &recipients, &news).await
}

/// Who at the partner is told of a registration.
pub async fn people(txn: &DatabaseTransaction, row: &Model) -> Result<Vec<Recipient>> {
    users::told(txn, row.partner_id, row.partner_user_id).await
}

fn details(row: &Model, step: RegistrationStep, note: &Note<'_>) -> Value {
    let code = row.reject_code.filter(|_| row.status == RegistrationStatus::Rejected);
    let protected_until = row.expires_at.filter(|_| row.status == RegistrationStatus::Approved);
    json!({
        "account": row.company_name,
        "reference": global_id(row.id),
        "decision": in_both(|it| step.label(it)),
        "code": code.map(|code| in_both(|it| code.label(it))),
        "reason": note.text,
        "expiresOn": protected_until.map(last_day),
        "decideBy": row.decide_by.map(date_in_tokyo),
    })
}

/// The last day of a protection that ends at this instant.
fn last_day(expires_at: DateTime<Utc>) -> NaiveDate {
    date_in_tokyo(expires_at - TimeDelta::seconds(1))
}
