//! Everybody who may be offered a lead, with what the policy asks of each: gathered for all partners at once.
//!
//! Nobody is silent and nobody has an engagement score while engagement is not logged; no training is required, and there
//! are no flags of conflicting interests yet. Rules that ask for these have no opinion.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::date_in_tokyo;
use domain::contracts::ContractTerms;
use domain::distribution::{self, Candidate, OfferOutcome, Ranking};
use domain::ids::{GoldenId, PartnerId, PolicyVersionId};
use domain::policies::PolicyKind;
use domain::products::ProductScope;
use domain::territories::{Place, closest_fit};
use entity::distribution::lead_offer;
use entity::leads::golden_lead;
use sea_orm::ConnectionTrait;

use super::store;
use crate::contracts::in_force::in_force_on;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::policies::Policies;
use crate::programs::tiers::held_at;
use crate::territories::place;
use crate::territories::service::relevant_on;
use crate::{accounts, leads, partners};

/// The order of all partners for one lead, and what it rests on.
pub(super) struct Field {
    /// The facts.
    pub(super) candidates: Vec<Candidate>,
    /// The order.
    pub(super) ranking: Ranking,
    /// The stored version of the policy.
    pub(super) version: Option<PolicyVersionId>,
    /// Partners that declined or let the offer expire since the lead was last accepted.
    pub(super) failures: u32,
}

/// Ranks all partners for a lead.
pub(super) async fn rank(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    lead: &golden_lead::Model,
    products: &ProductScope,
) -> Result<Field> {
    let rules = ctx.shared::<Policies>().in_force(db).await?;
    let date = date_in_tokyo(ctx.now);
    let place = place_of(db, lead, products).await?;
    let statuses = partners::service::statuses(db).await?;
    let ids: Vec<PartnerId> = statuses.keys().copied().collect();
    let mut contracts: BTreeMap<PartnerId, Vec<ContractTerms>> = BTreeMap::new();
    for contract in in_force_on(db, &ids, date).await? {
        contracts.entry(contract.partner).or_default().push(contract.terms);
    }
    let covers = |it: &ContractTerms| it.covers(products, place.prefecture, place.industry);
    let territories = relevant_on(db, &ids, date).await?;
    let tiers = held_at(db, &ids, ctx.now).await?;
    let (worked, offered) = (leads::life::open_leads(db).await?, store::open_by_partner(db).await?);
    let last = store::last_by_partner(db).await?;
    let failed = failed(&store::of_lead(db, &ids_of(db, lead.id).await?).await?);
    let asked: BTreeSet<PartnerId> = failed.iter().copied().collect();
    let open = |partner: &PartnerId| {
        let counts = [worked.get(partner), offered.get(partner)];
        counts.into_iter().flatten().fold(0, |sum: u32, it| sum.saturating_add(*it))
    };
    let candidate = |(partner, status): (&PartnerId, &_)| Candidate {
        partner: *partner,
        status: *status,
        is_contracted: contracts.get(partner).is_some_and(|it| it.iter().any(covers)),
        territory: closest_fit(&territories, *partner, &place, date),
        is_accredited: true,
        is_silent: false,
        open_leads: open(partner),
        capacity: rules.distribution.capacity(),
        has_conflict_of_interest: false,
        was_asked: asked.contains(partner),
        tier_rank: tiers.get(partner).map(|it| it.rank),
        engagement_score: None,
        last_offer_at: last.get(partner).copied(),
    };
    let candidates: Vec<Candidate> = statuses.iter().map(candidate).collect();
    Ok(Field {
        ranking: distribution::rank(&rules.distribution, &candidates),
        candidates,
        version: rules.version(PolicyKind::Distribution),
        failures: u32::try_from(failed.len()).unwrap_or(u32::MAX),
    })
}

/// Every id that leads to a lead.
pub(super) async fn ids_of(db: &impl ConnectionTrait, lead: GoldenId) -> Result<Vec<GoldenId>> {
    Ok(leads::life::ids_of(db, &[lead]).await?.remove(&lead).unwrap_or_default())
}

/// Who declined a lead or let its offer expire, of its offers in their order, since somebody last accepted it.
fn failed(offers: &[lead_offer::Model]) -> Vec<PartnerId> {
    let since = offers.iter().rposition(|it| it.outcome == OfferOutcome::Accepted).map_or(0, |it| it + 1);
    let is_failed =
        |it: &&lead_offer::Model| matches!(it.outcome, OfferOutcome::Declined | OfferOutcome::Expired);
    offers[since..].iter().filter(is_failed).map(|it| it.partner_id).collect()
}

/// Where a lead is: as it says itself, or else where its account is.
async fn place_of(
    db: &impl ConnectionTrait,
    lead: &golden_lead::Model,
    products: &ProductScope,
) -> Result<Place> {
    let account = match lead.account_id {
        Some(id) => accounts::service::for_rules(db, id).await?,
        None => None,
    };
    let of_account = account.as_ref().map(|it| (it.region.as_deref(), it.industry.as_deref()));
    let (region, industry) = of_account.unwrap_or_default();
    Ok(Place {
        prefecture: lead.region.as_deref().and_then(place::prefecture).or(region.and_then(place::prefecture)),
        industry: industry.and_then(place::industry).or(lead.industry.as_deref().and_then(place::industry)),
        products: products.clone(),
        account: account.map_or(lead.id, |it| it.id),
    })
}
