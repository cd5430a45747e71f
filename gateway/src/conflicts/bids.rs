//! The claims of partners that rest on a registration or on a lead, with what the rules ask about them at their priority
//! time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::conflicts::{Bid, Claim, ClaimStanding, ClaimedAccount, Ground, Window};
use domain::ids::{GoldenId, PartnerId, RegistrationId};
use domain::products::ProductScope;
use domain::registrations::{DealType, Priority, RegistrationStatus};
use domain::territories::{Place, Prefecture};
use entity::registrations::deal_registration::Model;
use futures::try_join;
use sea_orm::ConnectionTrait;

use super::accounts::Customers;
use super::store;
use super::terms::Terms;
use crate::error::{Error, Result};
use crate::registrations::service as registrations;

/// What claims are made of, read once for all of them.
pub(super) struct Makers<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) customers: &'a Customers,
    pub(super) doubts: &'a BTreeMap<RegistrationId, BTreeSet<GoldenId>>,
    /// The distributors of partners.
    parents: BTreeMap<PartnerId, Option<PartnerId>>,
    terms: Terms,
}

/// A lead as a partner accepted it.
pub(super) struct AcceptedLead {
    pub(super) id: uuid::Uuid,
    pub(super) lead: GoldenId,
    pub(super) account: GoldenId,
    pub(super) partner: PartnerId,
    pub(super) priority: Priority,
    pub(super) opportunity: Option<GoldenId>,
}

impl<'a> Makers<'a> {
    /// `bidders` are the partners that claim, with when they did.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        now: DateTime<Utc>,
        (customers, doubts): (&'a Customers, &'a BTreeMap<RegistrationId, BTreeSet<GoldenId>>),
        bidders: impl IntoIterator<Item = (PartnerId, DateTime<Utc>)>,
    ) -> Result<Self> {
        let (partners, instants): (BTreeSet<_>, BTreeSet<_>) = bidders.into_iter().unzip();
        let parents = async { Ok(store::parents(db, &partners).await?) };
        let (terms, parents) = try_join!(Terms::of(db, &partners, &instants), parents)?;
        Ok(Self { now, customers, doubts, parents, terms })
    }

    /// The claim of a registration that was handed in.
    pub(super) fn registration(&self, row: &Model) -> Result<Claim> {
        let priority = registrations::priority(row)?;
        let claimed =
            row.claimed_id.ok_or_else(|| Error::internal(anyhow::anyhow!("no customer: {}", row.id)))?;
        let products = registrations::products(row);
        let own = |text: &Option<String>| text.as_deref().and_then(|it| it.parse::<Prefecture>().ok());
        let place = Place {
            prefecture: own(&row.site_prefecture)
                .or_else(|| self.customers.prefecture(claimed))
                .or_else(|| own(&row.company_prefecture)),
            industry: self
                .customers
                .industry(claimed)
                .or_else(|| row.company_industry.as_deref().and_then(|it| it.parse().ok())),
            products: products.clone(),
            account: self.customers.now(claimed),
        };
        let bid = self.bid((row.partner_id, priority), &place);
        let doubts = self.doubts.get(&row.id).into_iter().flatten();
        Ok(Claim {
            id: row.id.0,
            ground: Ground::Registration { deal_type: row.deal_type.unwrap_or(DealType::New), bid },
            account: self.account(claimed, doubts.map(|it| self.customers.now(*it)).collect()),
            products,
            window: Window { from: priority.time, until: protected_until(row) },
            standing: standing(row.status),
            deal: row.opportunity_id,
            observed_at: self.now,
        })
    }

    /// The claim of a partner that accepted a lead. What the lead wants is not known: it may be any product.
    pub(super) fn lead(&self, it: &AcceptedLead) -> Claim {
        let place = Place {
            prefecture: self.customers.prefecture(it.account),
            industry: self.customers.industry(it.account),
            products: ProductScope::all(),
            account: self.customers.now(it.account),
        };
        Claim {
            id: it.id,
            ground: Ground::AcceptedLead { lead: it.lead, bid: self.bid((it.partner, it.priority), &place) },
            account: self.account(it.account, BTreeSet::new()),
            products: ProductScope::all(),
            window: Window { from: it.priority.time, until: None },
            standing: ClaimStanding::Open,
            deal: it.opportunity,
            observed_at: self.now,
        }
    }

    pub(super) fn account(&self, id: GoldenId, mut possible: BTreeSet<GoldenId>) -> ClaimedAccount {
        let golden = self.customers.now(id);
        possible.remove(&golden);
        ClaimedAccount { golden, family: self.customers.family(id), possible }
    }

    fn bid(&self, (partner, priority): (PartnerId, Priority), place: &Place) -> Bid {
        Bid {
            partner,
            distributor: self.parents.get(&partner).copied().flatten(),
            priority,
            coverage: self.terms.coverage(partner, place, priority.time),
            tier_rank: self.terms.tier_rank(partner, priority.time),
        }
    }
}

fn protected_until(row: &Model) -> Option<DateTime<Utc>> {
    row.expires_at.filter(|_| row.status == RegistrationStatus::Approved)
}

fn standing(status: RegistrationStatus) -> ClaimStanding {
    match status {
        RegistrationStatus::Won => ClaimStanding::Won,
        it if it.is_terminal() => ClaimStanding::Ended,
        _ => ClaimStanding::Open,
    }
}
