//! Accepted leads that meet somebody else: direct sales at the same customer, or another partner that accepted what turned out
//! to be the same lead.
//!
//! Where a registration claims the customer, its verdict tells as well (`conflicts`); a person is asked in any case, for
//! perhaps nobody has registered.

use std::collections::BTreeSet;

use domain::conflicts::ConflictType;
use domain::distribution::OfferOutcome;
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId};
use domain::leads::LeadStage;
use domain::review::ReviewKind;
use entity::distribution::lead_offer;
use entity::leads::golden_lead;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::{Value, json};

use super::{candidates, store};
use crate::conflicts;
use crate::error::Result;
use crate::leads::life;
use crate::platform::context::RequestContext;
use crate::review::service::{self as review, Question};

/// What a lead may be in without a registration.
const TYPES: [ConflictType; 2] = [ConflictType::PartnerVsDirect, ConflictType::LeadDoubleAssignment];

/// Asks a person when direct sales works at the customer of a lead that a partner accepts.
pub(super) async fn meet_direct(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
) -> Result<()> {
    let Some(account) = lead.account_id else { return Ok(()) };
    let opportunities = conflicts::service::direct_on(txn, account).await?;
    match opportunities.is_empty() {
        true => Ok(()),
        false => {
            let subject = json!({ "type": ConflictType::PartnerVsDirect, "opportunities": opportunities });
            ask(txn, ctx, lead.id, (ConflictType::PartnerVsDirect, subject)).await
        }
    }
}

/// Asks a person when two partners have accepted one lead, which was two before its records became one.
pub(super) async fn meet_each_other(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
) -> Result<()> {
    if !matches!(life::stage(lead), LeadStage::Accepted | LeadStage::Working | LeadStage::Qualified) {
        return Ok(());
    }
    let offers = store::of_lead(txn, &candidates::ids_of(txn, lead.id).await?).await?;
    let holds = |it: &&lead_offer::Model| it.outcome == OfferOutcome::Accepted && it.recalled_at.is_none();
    let partners: BTreeSet<PartnerId> = offers.iter().filter(holds).map(|it| it.partner_id).collect();
    match partners.len() < 2 {
        true => Ok(()),
        false => {
            let subject = json!({ "type": ConflictType::LeadDoubleAssignment, "partners": partners });
            ask(txn, ctx, lead.id, (ConflictType::LeadDoubleAssignment, subject)).await
        }
    }
}

/// A lead that nobody works any more meets nobody.
pub(super) async fn part(txn: &impl ConnectionTrait, ctx: &RequestContext, lead: GoldenId) -> Result<()> {
    let fingerprints = TYPES.map(|it| fingerprint(it, lead));
    review::withdraw(txn, &ctx.clock, ctx.now, &fingerprints).await
}

async fn ask(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: GoldenId,
    (conflict, subject): (ConflictType, Value),
) -> Result<()> {
    let fingerprint = fingerprint(conflict, lead);
    let question = Question::new(ReviewKind::ChannelConflict, RecordKind::Lead, fingerprint, subject);
    let question = question.about([Some(lead), None]).anew();
    review::ask(txn, &ctx.clock, ctx.now, question).await.map(drop)
}

fn fingerprint(conflict: ConflictType, lead: GoldenId) -> String {
    format!("{conflict}/{lead}")
}
