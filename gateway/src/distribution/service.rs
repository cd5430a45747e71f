//! Use cases of distribution: offering a lead, and what other features ask.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::distribution::{DistributionPolicy, Exclusion, Ranking};
use domain::ids::{GoldenId, LeadOfferId, PartnerId};
use entity::distribution::lead_offer::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

pub use super::answers::{Answer, accept, close, decline};
pub use super::erased::erase_person;
pub use super::offering::Wanted;
pub use super::recalls::{note_taken_back, note_unworked, recall};

use super::news::announce;
use super::{offering, store};
use crate::error::{NotFound, Refusal, Result};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{golden, leads, partners};

/// Why a lead is not offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DistributionRefusal {
    /// Everybody is left out.
    #[error(
        "the policy leaves every partner out ({0}); name a partner and say why, or change what stands against it"
    )]
    NobodyToOffer(String),
    /// An agreement is with somebody.
    #[error("an entrustment is a contract with one partner; name the partner")]
    EntrustedToNobody,
    /// A person decided against the policy.
    #[error("say why the lead goes to this partner: it is kept with the offer")]
    OfferReasonMissing,
    /// What the partner is told.
    #[error("say why; the partner reads it")]
    CloseReasonMissing,
}

impl Refusal for DistributionRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

impl DistributionRefusal {
    /// Nobody is left, and how often each reason stood against a partner.
    pub(super) fn nobody(ranking: &Ranking) -> Self {
        let mut counts: BTreeMap<Exclusion, usize> = BTreeMap::new();
        for reason in ranking.excluded.iter().flat_map(|it| &it.reasons) {
            *counts.entry(*reason).or_default() += 1;
        }
        let counts = counts.iter().map(|(reason, count)| format!("{reason}: {count}"));
        Self::NobodyToOffer(counts.collect::<Vec<_>>().join(", "))
    }
}

/// The offer, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: LeadOfferId) -> Result<Option<Model>> {
    ctx.caller.require(Permission::ReadOffers)?;
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// Offers a lead to the partner that is first by the policy, or to one that a person names.
pub async fn offer(ctx: &RequestContext, key: Option<&str>, wanted: Wanted) -> Result<Model> {
    ctx.caller.require(Permission::OfferLeads)?;
    let once = Once::new(key, "offerLead", &wanted)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let lead = leads::service::find_in(&txn, ctx, wanted.lead).await?.ok_or(NotFound("lead"))?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return known(&txn, ctx, id).await;
    }
    check_choice(&txn, ctx, &wanted).await?;
    let offer = offering::begin(&txn, ctx, &lead, &wanted).await?;
    once.remember(&txn, ctx, offer.id).await?;
    txn.commit().await?;
    announce(ctx).await;
    Ok(offer)
}

/// Who names a partner says why, and is responsible for it.
async fn check_choice(txn: &DatabaseTransaction, ctx: &RequestContext, wanted: &Wanted) -> Result<()> {
    let Some(partner) = wanted.partner else { return Ok(()) };
    partners::guards::require_own_set(txn, ctx, partner).await?;
    leads::service::check_worker(txn, ctx, partner, None).await?;
    match wanted.reason.as_deref().is_none_or(|it| it.trim().is_empty()) {
        true => Err(DistributionRefusal::OfferReasonMissing.into()),
        false => Ok(()),
    }
}

/// The offer as a transaction sees it, if the caller does.
pub(super) async fn known(db: &impl ConnectionTrait, ctx: &RequestContext, id: LeadOfferId) -> Result<Model> {
    Ok(store::find(db, &ctx.caller, id).await?.ok_or(NotFound("offer"))?)
}

/// Whether a lead waits for somebody's answer.
pub async fn is_offered(db: &impl ConnectionTrait, lead: GoldenId) -> Result<bool> {
    offering::is_offered(db, lead).await
}

/// Notes, in the transaction that stops a partner, that its offers are to be closed and its leads to be taken back.
pub async fn note_stopped(db: &impl ConnectionTrait, partner: PartnerId, now: DateTime<Utc>) -> Result<()> {
    Ok(store::note_stopped(db, partner, now).await?)
}

/// Notes leads that have come or changed, in the transaction that did it, to be looked at by a job: all of them where new
/// leads are offered by themselves, else those that partners hold.
pub async fn note_arrivals(
    db: &impl ConnectionTrait,
    policy: &DistributionPolicy,
    leads: &BTreeSet<GoldenId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut leads: Vec<GoldenId> = leads.iter().copied().collect();
    if !policy.offers_new_leads() {
        leads = store::held_among(db, &leads).await?;
    }
    Ok(store::note_arrivals(db, leads, now).await?)
}
