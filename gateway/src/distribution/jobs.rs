//! What happens to offers without anyone asking: they expire and go to the next partner, leads that nobody begins to work are
//! told and taken back, stopped partners lose theirs, and new leads are offered where the policy says so.
//!
//! Each is a transaction of its own, which waits for its turn and looks again: two replicas do a thing once.

use chrono_tz::Asia::Tokyo;
use domain::alerts::Urgency;
use domain::distribution::{self, IdleLead, IdleStep, OfferOutcome};
use domain::ids::{GoldenId, LeadOfferId};
use domain::leads::{LeadOrigin, LeadStage};
use domain::notifications::NotificationTopic;
use domain::partners::PartnerStatus;
use domain::products::ProductScope;
use entity::distribution::lead_offer::Model;
use entity::distribution::lead_recall;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::answers::ended;
use super::news::announce;
use super::offering::{self, Sequel, Wanted};
use super::{candidates, recalls, rivals, store};
use crate::error::{Error, Result};
use crate::leads::life;
use crate::notifications::service::{News, Recipient, tell};
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::{golden, partners, review};

/// Name of the job.
pub const JOB: &str = "distribution.due";

/// Of each kind of work read at once.
const BATCH: u64 = 200;

/// Something that is to be done.
enum Due {
    /// Time has done something to an offer.
    Offer(LeadOfferId),
    /// Something else may have settled an open offer.
    Moot(LeadOfferId),
    /// A lead of a partner that was stopped.
    Recall(GoldenId),
    /// A partner that was stopped has nothing any more.
    Forget(lead_recall::Model),
    /// A lead has come or changed.
    Arrival(GoldenId),
}

/// Does all that is due now. What fails is left for the next turn, and keeps nothing else waiting.
pub async fn do_due(ctx: &RequestContext) -> Result<()> {
    let mut outcome = Ok(());
    loop {
        let mut done = 0;
        for it in find(ctx).await? {
            let ended = once(ctx, &it).await;
            if let Err(error) = &ended {
                tracing::warn!(code = error.code(), "an offer or a lead is left for the next turn");
            }
            done += u64::from(matches!(ended, Ok(true)));
            outcome = outcome.and(ended.map(drop));
        }
        if done == 0 {
            return outcome;
        }
        announce(ctx).await;
        review::service::announce_request(ctx).await;
    }
}

async fn find(ctx: &RequestContext) -> Result<Vec<Due>> {
    let db = ctx.read();
    let mut found: Vec<Due> = store::maybe_moot(db, BATCH).await?.into_iter().map(Due::Moot).collect();
    let has_offers = !found.is_empty();
    for stopped in store::stopped(db).await? {
        let stages = [LeadStage::Accepted, LeadStage::Working];
        let mut leads = life::worked_by(db, stopped.partner_id, &stages, BATCH).await?;
        leads.retain(|it| stages.contains(&life::stage(it)));
        if leads.is_empty() && !has_offers {
            found.push(Due::Forget(stopped));
        }
        found.extend(leads.into_iter().map(|it| Due::Recall(it.id)));
    }
    found.extend(store::due(db, ctx.now, BATCH).await?.into_iter().map(Due::Offer));
    found.extend(store::arrivals(db, BATCH).await?.into_iter().map(Due::Arrival));
    Ok(found)
}

/// Does one thing; false when there is nothing to do any more.
async fn once(ctx: &RequestContext, due: &Due) -> Result<bool> {
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let is_done = match due {
        Due::Offer(id) => in_time(&txn, ctx, *id).await?,
        Due::Moot(id) => settle(&txn, ctx, *id).await?,
        Due::Recall(id) => recall(&txn, ctx, *id).await?,
        Due::Forget(stopped) => {
            store::forget_stopped(&txn, stopped).await?;
            false
        }
        Due::Arrival(id) => arrive(&txn, ctx, *id).await?,
    };
    txn.commit().await?;
    Ok(is_done)
}

/// What time does to an offer: nobody answered, or nobody works what was accepted.
async fn in_time(txn: &DatabaseTransaction, ctx: &RequestContext, id: LeadOfferId) -> Result<bool> {
    let found = store::find_any(txn, id).await?;
    let Some(offer) = found.filter(|it| it.due_at.is_some_and(|due| due < ctx.now)) else { return Ok(false) };
    if offer.outcome == OfferOutcome::Open {
        let outcome = distribution::expire(offer.outcome, offer.accept_by, ctx.now)?;
        let offer = ended(ctx, offer, outcome, None);
        offering::end(txn, ctx, offer, (Sequel::Next, "distribution.expire")).await?;
        return Ok(true);
    }
    let lead = life::today(txn, offer.lead_id).await?;
    let is_idle =
        lead.assigned_partner_id == Some(offer.partner_id) && life::stage(&lead) == LeadStage::Accepted;
    let windows = (offer.alert_after, offer.recall_after);
    let (Some(alert_after), Some(recall_after), true) = (windows.0, windows.1, is_idle) else {
        store::replace(txn, Model { due_at: None, ..offer }).await?;
        return Ok(true);
    };
    match (IdleLead { alert_after, recall_after }).step(ctx.now) {
        IdleStep::Recall => recalls::take_back(txn, ctx, &lead, None).await?,
        IdleStep::Alert | IdleStep::Wait => {
            let offer = store::replace(txn, Model { due_at: Some(recall_after), ..offer }).await?;
            offering::note(txn, ctx, &offer, "distribution.alert").await?;
            tell_idle(txn, ctx, &offer).await?;
        }
    }
    Ok(true)
}

/// Tells the vendor's people that nobody has begun to work a lead.
async fn tell_idle(txn: &DatabaseTransaction, ctx: &RequestContext, offer: &Model) -> Result<()> {
    let partner = partners::service::find_in(txn, ctx, offer.partner_id).await?;
    let recall_on = offer.recall_after.map(|it| it.with_timezone(&Tokyo).format("%Y-%m-%d").to_string());
    let news = News {
        topic: NotificationTopic::LeadIdle,
        occasion: offer.id.to_string(),
        urgency: Urgency::Normal,
        details: json!({
            "company": offering::company(offer),
            "partner": partner.map(|it| it.legal_name).unwrap_or_default(),
            "recallOn": recall_on,
        }),
    };
    tell(txn, ctx, &[Recipient::Staff], &news).await
}

/// Closes an open offer that makes no sense any more.
async fn settle(txn: &DatabaseTransaction, ctx: &RequestContext, id: LeadOfferId) -> Result<bool> {
    let found = store::find_any(txn, id).await?;
    let Some(offer) = found.filter(|it| it.outcome == OfferOutcome::Open) else { return Ok(false) };
    let lead = life::today(txn, offer.lead_id).await?;
    let offers = store::of_lead(txn, &candidates::ids_of(txn, lead.id).await?).await?;
    // Of two open offers of leads that were merged the earlier one stays.
    let is_second = offers.iter().any(|it| it.outcome == OfferOutcome::Open && it.id < offer.id);
    let waits = life::stage(&lead) == LeadStage::Offered
        && lead.assigned_partner_id.is_none()
        && lead.archived_at.is_none();
    let statuses = partners::service::statuses(txn).await?;
    let is_active = statuses.get(&offer.partner_id) == Some(&PartnerStatus::Active);
    let sequel = match (waits && !is_second, is_active) {
        (true, true) => return Ok(false),
        (true, false) => Sequel::Next,
        (false, _) => Sequel::Nothing,
    };
    let offer = ended(ctx, offer, OfferOutcome::Closed, None);
    offering::end(txn, ctx, offer, (sequel, "distribution.close")).await?;
    Ok(true)
}

/// Takes a lead back from a partner that was stopped.
async fn recall(txn: &DatabaseTransaction, ctx: &RequestContext, id: GoldenId) -> Result<bool> {
    let lead = life::today(txn, id).await?;
    let is_worked = matches!(life::stage(&lead), LeadStage::Accepted | LeadStage::Working);
    if is_worked && lead.assigned_partner_id.is_some() {
        recalls::take_back(txn, ctx, &lead, None).await?;
        return Ok(true);
    }
    Ok(false)
}

/// Looks at a lead that has come or changed. Offers it if it is new, nobody's, and not a partner's own. A person is asked when the policy leaves everybody out.
async fn arrive(txn: &DatabaseTransaction, ctx: &RequestContext, id: GoldenId) -> Result<bool> {
    if !store::take_arrival(txn, id).await? {
        return Ok(false);
    }
    let lead = life::today(txn, id).await?;
    rivals::meet_each_other(txn, ctx, &lead).await?;
    let is_new = lead.stage.as_deref() == Some(LeadStage::New.code()) && life::stage(&lead) == LeadStage::New;
    let is_ours = lead.assigned_partner_id.is_none()
        && lead.origin.as_deref() != Some(LeadOrigin::Partner.code())
        && lead.consent_to_share == Some(true)
        && lead.archived_at.is_none();
    let offers = store::of_lead(txn, &candidates::ids_of(txn, lead.id).await?).await?;
    let is_wanted = ctx.shared::<Policies>().in_force(txn).await?.distribution.offers_new_leads();
    if !(is_new && is_ours && is_wanted && offers.is_empty()) {
        return Ok(true);
    }
    let products = ProductScope::all();
    let wanted = Wanted { lead: lead.id, partner: None, reason: None, products, entrustment: None };
    match offering::begin(txn, ctx, &lead, &wanted).await {
        Err(Error::Refused { code: "NOBODY_TO_OFFER", .. }) => {
            offering::ask_a_person(txn, ctx, lead.id, 0).await?;
        }
        offered => drop(offered?),
    }
    Ok(true)
}
