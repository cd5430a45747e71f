//! What is said to an offer: the partner takes the lead or does not, or the vendor takes the offer back.

use domain::access::{Permission, RowScope, customer_scope};
use domain::calendar::Calendar;
use domain::distribution::{self, IdleLead, OfferOutcome};
use domain::ids::{LeadOfferId, PartnerUserId};
use domain::leads::LeadEvent;
use entity::distribution::lead_offer::Model;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::news::announce;
use super::offering::{self, Sequel};
use super::service::{DistributionRefusal, known};
use super::{candidates, rivals, store};
use crate::error::{Error, Result};
use crate::leads::life::{self, Hands};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{golden, leads, partners, review};

/// What is said to an offer.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Which.
    pub id: LeadOfferId,
    /// Who at the partner is to work the lead.
    pub user: Option<PartnerUserId>,
    /// Why not.
    pub reason: Option<String>,
}

/// The partner takes the lead: from now on it works it, and sees whom it is about.
pub async fn accept(ctx: &RequestContext, key: Option<&str>, answer: Answer) -> Result<Model> {
    let deed = Deed {
        operation: "acceptLeadOffer",
        action: "distribution.accept",
        permission: Permission::AnswerOffers,
        sequel: Sequel::Nothing,
    };
    say(ctx, key, answer, deed, async |txn, offer, answer| {
        let outcome = distribution::accept(offer.outcome, offer.accept_by, ctx.now)?;
        let user = answer.user.or_else(|| own_user(ctx));
        leads::service::check_worker(txn, ctx, offer.partner_id, user).await?;
        let lead = life::today(txn, offer.lead_id).await?;
        life::happen(txn, ctx, &lead, (LeadEvent::Accept, Hands::Of(offer.partner_id, user))).await?;
        close_others(txn, ctx, &offer, lead.id).await?;
        rivals::meet_direct(txn, ctx, &lead).await?;
        let windows = offering::windows(txn, ctx).await?;
        let idle = IdleLead::accepted_at(ctx.now, &ctx.shared::<Calendar>(), &windows);
        let idle = idle.map_err(Error::internal)?;
        Ok(Model {
            alert_after: Some(idle.alert_after),
            recall_after: Some(idle.recall_after),
            due_at: Some(idle.alert_after),
            ..ended(ctx, offer, outcome, None)
        })
    })
    .await
}

/// The partner does not want the lead: the next one is asked.
pub async fn decline(ctx: &RequestContext, key: Option<&str>, answer: Answer) -> Result<Model> {
    let deed = Deed {
        operation: "declineLeadOffer",
        action: "distribution.decline",
        permission: Permission::AnswerOffers,
        sequel: Sequel::Next,
    };
    say(ctx, key, answer, deed, async |_, offer, answer| {
        let outcome = distribution::decline(offer.outcome, offer.accept_by, ctx.now)?;
        Ok(ended(ctx, offer, outcome, answer.reason.clone()))
    })
    .await
}

/// The vendor takes the offer back: the lead is as it was before.
pub async fn close(ctx: &RequestContext, key: Option<&str>, answer: Answer) -> Result<Model> {
    let deed = Deed {
        operation: "closeLeadOffer",
        action: "distribution.close",
        permission: Permission::OfferLeads,
        sequel: Sequel::GiveBack,
    };
    say(ctx, key, answer, deed, async |txn, offer, answer| {
        partners::guards::require_own_set(txn, ctx, offer.partner_id).await?;
        if answer.reason.as_deref().is_none_or(|it| it.trim().is_empty()) {
            return Err(DistributionRefusal::CloseReasonMissing.into());
        }
        let outcome = distribution::close(offer.outcome)?;
        Ok(ended(ctx, offer, outcome, answer.reason.clone()))
    })
    .await
}

/// The offer as it is once it has ended.
pub(super) fn ended(
    ctx: &RequestContext,
    offer: Model,
    outcome: OfferOutcome,
    end_reason: Option<String>,
) -> Model {
    let ended_by = Some(ctx.caller.subject.clone());
    Model { outcome, ended_at: Some(ctx.now), ended_by, end_reason, due_at: None, ..offer }
}

/// A representative works what it accepts.
fn own_user(ctx: &RequestContext) -> Option<PartnerUserId> {
    match customer_scope(ctx.caller.identity()) {
        RowScope::OfPartnerUser(_, user) => Some(user),
        _ => None,
    }
}

/// Closes what else is open of a lead: leads that were merged may have been offered to several.
async fn close_others(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    taken: &Model,
    lead: domain::ids::GoldenId,
) -> Result<()> {
    let offers = store::of_lead(txn, &candidates::ids_of(txn, lead).await?).await?;
    for offer in offers.into_iter().filter(|it| it.outcome == OfferOutcome::Open && it.id != taken.id) {
        let closed = store::replace(txn, ended(ctx, offer, OfferOutcome::Closed, None)).await?;
        offering::note(txn, ctx, &closed, "distribution.close").await?;
    }
    Ok(())
}

/// What is done, by its names.
#[derive(Clone, Copy)]
struct Deed {
    operation: &'static str,
    action: &'static str,
    permission: Permission,
    sequel: Sequel,
}

/// Ends an offer in one transaction, which waits for its turn: of two answers at once one counts.
async fn say(
    ctx: &RequestContext,
    key: Option<&str>,
    answer: Answer,
    deed: Deed,
    step: impl AsyncFnOnce(&DatabaseTransaction, Model, &Answer) -> Result<Model>,
) -> Result<Model> {
    ctx.caller.require(deed.permission)?;
    let once = Once::new(key, deed.operation, &answer)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let offer = known(&txn, ctx, answer.id).await?;
    if once.earlier::<LeadOfferId>(&txn, ctx).await?.is_some() {
        return Ok(offer);
    }
    let offer = step(&txn, offer, &answer).await?;
    let offer = offering::end(&txn, ctx, offer, (deed.sequel, deed.action)).await?;
    once.remember(&txn, ctx, offer.id).await?;
    txn.commit().await?;
    announce(ctx).await;
    review::service::announce_request(ctx).await;
    Ok(offer)
}
