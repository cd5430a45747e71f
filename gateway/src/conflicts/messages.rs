//! Who is told by message of a conflict: the vendor's people who the parties are and what was decided, each partner what is
//! decided about its own claim, as far as disclosure allows.

use std::collections::BTreeSet;

use domain::alerts::Urgency;
use domain::conflicts::{ClaimKind, ConflictStatus, ConflictType, Rule, Verdict, partner_view};
use domain::notifications::NotificationTopic;
use domain::text::Language;
use entity::conflicts::{channel_conflict, conflict_party};
use entity::registrations::deal_registration;
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};

use super::facts;
use super::raising::is_decided_by_person;
use crate::error::Result;
use crate::notifications;
use crate::notifications::service::{News, Recipient, in_both};
use crate::partners::service as partners;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations::service as registrations;

/// A conflict that was raised, opened again or settled by a person, with all that is said of it.
pub(super) struct Told<'a> {
    pub(super) conflict: &'a channel_conflict::Model,
    pub(super) verdict: &'a Verdict,
    pub(super) parties: &'a [conflict_party::Model],
    /// The registrations among the parties, as they stand after the verdict.
    pub(super) registrations: &'a [deal_registration::Model],
}

/// Tells the vendor's people, and each partner about whose claim something new was decided.
pub(super) async fn tell(txn: &DatabaseTransaction, ctx: &RequestContext, told: &Told<'_>) -> Result<()> {
    tell_staff(txn, ctx, told).await?;
    let is_new = |it: &&deal_registration::Model| it.verdict_id == Some(told.conflict.verdict_id);
    for row in told.registrations.iter().filter(is_new) {
        tell_partner(txn, ctx, told, row).await?;
    }
    Ok(())
}

async fn tell_staff(txn: &DatabaseTransaction, ctx: &RequestContext, told: &Told<'_>) -> Result<()> {
    let conflict = told.conflict;
    let is_by_person = conflict.status != ConflictStatus::Reopened && is_decided_by_person(conflict);
    let topic = match is_by_person {
        true => NotificationTopic::ConflictDecided,
        false => NotificationTopic::ConflictRaised,
    };
    let subject = told.registrations.iter().find(|it| it.id == conflict.registration_id);
    let kinds = |language| {
        let kinds = conflict.types.split(',').filter_map(|it| it.parse::<ConflictType>().ok());
        kinds.map(|it| it.label(language)).collect::<Vec<_>>()
    };
    let details = json!({
        "account": subject.map(|it| it.company_name.as_str()),
        "reference": NodeId::encode(NodeType::ChannelConflict, conflict.id).0,
        "status": in_both(|it| conflict.status.label(it)),
        "kind": in_both(|it| kinds(it).join(separator(it))),
        "parties": parties(txn, told.parties).await?,
        "outcome": in_both(|it| conflict.outcome.label(it)),
        "rule": is_by_person.then(|| in_both(|it| Rule::Manual.label(it))),
        "code": Value::Null,
        "reason": conflict.reason,
    });
    let occasion = format!("{} {}", conflict.id, conflict.version);
    let news = News { topic, occasion, urgency: Urgency::Normal, details };
    notifications::service::tell(txn, ctx, &[Recipient::Staff], &news).await
}

/// The names of the parties.
async fn parties(txn: &DatabaseTransaction, parties: &[conflict_party::Model]) -> Result<Value> {
    let partners = partners::names(txn, parties.iter().filter_map(|it| it.partner_id)).await?;
    let has_direct = parties.iter().any(|it| it.partner_id.is_none());
    let names = |language: Language| {
        let direct = has_direct.then(|| ClaimKind::Direct.label(language).to_owned());
        let names: BTreeSet<String> = partners.values().cloned().collect();
        names.into_iter().chain(direct).collect::<Vec<_>>().join(separator(language))
    };
    Ok(in_both(names))
}

fn separator(language: Language) -> &'static str {
    match language {
        Language::Ja => "、",
        Language::En => ", ",
    }
}

async fn tell_partner(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    told: &Told<'_>,
    row: &deal_registration::Model,
) -> Result<()> {
    let Some(finding) = row.finding else { return Ok(()) };
    let rule = match is_decided_by_person(told.conflict) {
        true => Some(Rule::Manual),
        false => partner_view(told.verdict, row.partner_id, facts::key(row.id)).and_then(|it| it.rule),
    };
    let details = json!({
        "account": row.company_name,
        "reference": registrations::global_id(row.id),
        "outcome": in_both(|it| finding.label(it)),
        "rule": rule.map(|rule| in_both(|it| rule.label(it))),
        "code": row.finding_code.map(|code| in_both(|it| code.label(it))),
        "reason": Value::Null,
    });
    let people = registrations::people(txn, row).await?;
    let occasion = format!("{} {} {}", told.conflict.id, told.conflict.version, row.id);
    let topic = NotificationTopic::ConflictDecided;
    let news = News { topic, occasion, urgency: Urgency::Normal, details };
    notifications::service::tell(txn, ctx, &people, &news).await
}
