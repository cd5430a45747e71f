//! Making offers, and going on when one has ended: the next partner is asked, or a person.

use chrono_tz::Asia::Tokyo;
use domain::alerts::Urgency;
use domain::calendar::{Calendar, date_in_tokyo};
use domain::distribution::{NextStep, OfferOutcome, accept_by, next_step};
use domain::fields::RecordKind;
use domain::ids::{ContractId, GoldenId, PartnerId};
use domain::leads::{LeadEvent, LeadRefusal, LeadStage, SharingBasis};
use domain::lifecycle::LeadWindows;
use domain::notifications::NotificationTopic;
use domain::products::ProductScope;
use domain::review::ReviewKind;
use entity::distribution::lead_offer::Model;
use entity::distribution::offer_ranking;
use entity::leads::golden_lead;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

use super::candidates::{self, Field};
use super::service::DistributionRefusal;
use super::store;
use crate::contracts::in_force::in_force_on;
use crate::error::{Error, NotFound, Result};
use crate::leads::life::{self, Hands};
use crate::leads::service::AssignmentRefusal;
use crate::notifications::service::{News, Recipient, tell};
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::review::service::{self as review, Question};

/// A lead that is to be offered.
#[derive(Debug, Clone, Serialize)]
pub struct Wanted {
    /// The lead.
    pub lead: GoldenId,
    /// To whom; to whoever is first by the policy when left out.
    pub partner: Option<PartnerId>,
    /// Why to this one.
    pub reason: Option<String>,
    /// What the lead is about; any product when empty.
    pub products: ProductScope,
    /// The contract by which this partner works on our behalf, where the person has not agreed.
    pub entrustment: Option<ContractId>,
}

/// Whom an offer goes to, and on what it rests.
struct Terms {
    partner: PartnerId,
    /// Who began to offer the lead.
    by: String,
    reason: Option<String>,
    basis: SharingBasis,
    entrustment: Option<ContractId>,
    products: ProductScope,
}

/// What comes after an offer that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sequel {
    /// The next partner is asked, or a person.
    Next,
    /// The lead is as it was before it was offered.
    GiveBack,
    /// Nothing: the lead stands where it belongs.
    Nothing,
}

/// The windows in force.
pub(super) async fn windows(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<LeadWindows> {
    Ok(ctx.shared::<Policies>().in_force(db).await?.lifecycle.leads.clone())
}

/// Offers a lead that nobody works, in a transaction that has its turn.
pub(super) async fn begin(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
    wanted: &Wanted,
) -> Result<Model> {
    if lead.assigned_partner_id.is_some() {
        return Err(AssignmentRefusal::LeadAssigned.into());
    }
    if is_offered(txn, lead.id).await? {
        return Err(AssignmentRefusal::LeadOffered.into());
    }
    let basis = basis(txn, ctx, lead, wanted).await?;
    let field = candidates::rank(txn, ctx, lead, &wanted.products).await?;
    let first = field.ranking.ranked.first().map(|it| it.partner);
    let partner = wanted.partner.or(first).ok_or_else(|| DistributionRefusal::nobody(&field.ranking))?;
    life::happen(txn, ctx, lead, (LeadEvent::Offer(Some(basis)), Hands::Same)).await?;
    review::withdraw(txn, &ctx.clock, ctx.now, &[fingerprint(lead.id)]).await?;
    let terms = Terms {
        partner,
        by: ctx.caller.subject.clone(),
        reason: wanted.reason.clone(),
        basis,
        entrustment: wanted.entrustment.filter(|_| basis == SharingBasis::Entrustment),
        products: wanted.products.clone(),
    };
    make(txn, ctx, lead, terms, &field).await
}

/// Whether a lead waits for somebody's answer.
pub(super) async fn is_offered(db: &impl ConnectionTrait, lead: GoldenId) -> Result<bool> {
    let offers = store::of_lead(db, &candidates::ids_of(db, lead).await?).await?;
    Ok(offers.iter().any(|it| it.outcome == OfferOutcome::Open))
}

/// On what it rests that the person's data may go to a partner.
async fn basis(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
    wanted: &Wanted,
) -> Result<SharingBasis> {
    match (wanted.entrustment, wanted.partner) {
        _ if lead.consent_to_share == Some(true) => Ok(SharingBasis::Consent),
        (Some(contract), Some(partner)) => {
            let binding = in_force_on(txn, &[partner], date_in_tokyo(ctx.now)).await?;
            let is_binding = binding.iter().any(|it| it.id == contract);
            is_binding
                .then_some(SharingBasis::Entrustment)
                .ok_or_else(|| NotFound("contract in force").into())
        }
        (Some(_), None) => Err(DistributionRefusal::EntrustedToNobody.into()),
        (None, _) => Err(LeadRefusal::LeadNotShareable.into()),
    }
}

async fn make(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
    terms: Terms,
    field: &Field,
) -> Result<Model> {
    let windows = windows(txn, ctx).await?;
    let accept_by = accept_by(ctx.now, &ctx.shared::<Calendar>(), &windows).map_err(Error::internal)?;
    let place = field.ranking.ranked.iter().find(|it| it.partner == terms.partner);
    let row = Model {
        id: ctx.clock.new_id(),
        lead_id: lead.id,
        partner_id: terms.partner,
        rank: place.and_then(|it| i32::try_from(it.rank).ok()),
        outcome: OfferOutcome::Open,
        basis: terms.basis,
        entrustment_id: terms.entrustment,
        products: terms.products.to_string(),
        company: lead.company.clone(),
        region: lead.region.clone(),
        industry: lead.industry.clone(),
        offered_at: ctx.now,
        offered_by: terms.by,
        offer_reason: terms.reason,
        accept_by,
        ended_at: None,
        ended_by: None,
        end_reason: None,
        alert_after: None,
        recall_after: None,
        due_at: Some(accept_by),
        recalled_at: None,
        recall_reason: None,
    };
    let ranking = offer_ranking::Model {
        offer_id: row.id,
        policy_version_id: field.version,
        candidates: serde_json::to_string(&field.candidates).map_err(Error::internal)?,
        ranking: serde_json::to_string(&field.ranking).map_err(Error::internal)?,
    };
    let row = store::insert(txn, row, ranking).await?;
    note(txn, ctx, &row, "distribution.offer").await?;
    tell_partner(txn, ctx, &row).await?;
    Ok(row)
}

/// Writes down how an offer has ended, and does what comes after it.
pub(super) async fn end(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    offer: Model,
    (sequel, action): (Sequel, &'static str),
) -> Result<Model> {
    let offer = store::replace(txn, offer).await?;
    note(txn, ctx, &offer, action).await?;
    let lead = life::today(txn, offer.lead_id).await?;
    let still_waits = life::stage(&lead) == LeadStage::Offered && !is_offered(txn, lead.id).await?;
    match sequel {
        Sequel::Next if still_waits => go_on(txn, ctx, &lead, &offer).await?,
        Sequel::GiveBack if still_waits => {
            life::happen(txn, ctx, &lead, (LeadEvent::GiveUp, Hands::Same)).await?;
        }
        _ => {}
    }
    Ok(offer)
}

/// Asks the next partner, on the same terms; after too many failures, or when nobody is left, a person.
async fn go_on(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
    last: &Model,
) -> Result<()> {
    let products: ProductScope =
        last.products.parse().map_err(|it: domain::products::InvalidProduct| Error::internal(it))?;
    let field = candidates::rank(txn, ctx, lead, &products).await?;
    let next = next_step(&field.ranking, field.failures, &windows(txn, ctx).await?);
    // What one partner is entrusted with is no reason to tell another one.
    let may_be_shared = last.basis == SharingBasis::Consent && lead.consent_to_share == Some(true);
    match next {
        NextStep::Offer { partner } if may_be_shared => {
            life::happen(txn, ctx, lead, (LeadEvent::AskNext, Hands::Same)).await?;
            let basis = SharingBasis::Consent;
            let by = last.offered_by.clone();
            let terms = Terms { partner, by, reason: None, basis, entrustment: None, products };
            make(txn, ctx, lead, terms, &field).await.map(drop)
        }
        _ => {
            life::happen(txn, ctx, lead, (LeadEvent::GiveUp, Hands::Same)).await?;
            ask_a_person(txn, ctx, lead.id, field.failures).await
        }
    }
}

/// Leaves a lead that nobody takes to a person.
pub(super) async fn ask_a_person(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    lead: GoldenId,
    failures: u32,
) -> Result<()> {
    let subject = json!({ "failures": failures });
    let question = Question::new(ReviewKind::AssignmentFailed, RecordKind::Lead, fingerprint(lead), subject)
        .about([Some(lead), None])
        .anew();
    review::ask(txn, &ctx.clock, ctx.now, question).await.map(drop)
}

/// By which the question about a lead that nobody takes is known.
fn fingerprint(lead: GoldenId) -> String {
    format!("{}/{lead}", ReviewKind::AssignmentFailed)
}

/// Tells the partner's people that a lead is offered to them: nothing of the person.
async fn tell_partner(txn: &DatabaseTransaction, ctx: &RequestContext, offer: &Model) -> Result<()> {
    let people = partners::users::enabled(txn, offer.partner_id).await?.into_iter();
    let people: Vec<Recipient> =
        people.map(|it| Recipient::Person { address: it.email, locale: it.locale }).collect();
    let news = News {
        topic: NotificationTopic::LeadOffered,
        occasion: offer.id.to_string(),
        urgency: Urgency::Normal,
        details: json!({
            "company": company(offer),
            "acceptBy": offer.accept_by.with_timezone(&Tokyo).format("%Y-%m-%d %H:%M").to_string(),
        }),
    };
    tell(txn, ctx, &people, &news).await
}

/// The company of an offered lead, as messages name it.
pub(super) fn company(offer: &Model) -> &str {
    offer.company.as_deref().unwrap_or("–")
}

/// Notes what happened to an offer.
pub(super) async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    offer: &Model,
    action: &'static str,
) -> Result<()> {
    let detail = json!({ "lead": offer.lead_id, "partner": offer.partner_id, "outcome": offer.outcome });
    let target_id = offer.id.into();
    audit::record(txn, ctx, AuditEvent { action, target_kind: "LeadOffer", target_id, detail }).await
}
