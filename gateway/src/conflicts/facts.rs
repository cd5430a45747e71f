//! Gathering the facts of a case: the claim that asks, and every claim that is connected with it, by its customer, by the
//! customer's family, and by customers that may be the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::conflicts::{Case, Claim, ClaimKey, ClaimKind, ConflictPolicy, Facts, Observed, SourceReading};
use domain::ids::{GoldenId, PartnerId, RegistrationId};
use entity::registrations::deal_registration::Model;
use futures::try_join;
use sea_orm::ConnectionTrait;

use super::accounts::{self, Customers};
use super::bids::Makers;
use super::holdings;
use crate::error::{Error, Result};
use crate::registrations::service as registrations;

/// Who asks, and by what.
pub(super) struct Asking<'a> {
    /// The instant of judging.
    pub(super) now: DateTime<Utc>,
    /// The rules.
    pub(super) policy: &'a ConflictPolicy,
    /// How recent the systems are.
    pub(super) readings: Vec<SourceReading>,
    /// The claim that asks. It need not be stored.
    pub(super) subject: &'a Model,
    /// What else its company may be.
    pub(super) doubts: BTreeSet<GoldenId>,
}

/// The name of a registration's claim.
pub(super) fn key(id: RegistrationId) -> ClaimKey {
    ClaimKey { kind: ClaimKind::Registration, id: id.0 }
}

/// Gathers the case of a claim.
pub(super) async fn gather(db: &impl ConnectionTrait, asking: Asking<'_>) -> Result<Case> {
    let subject = asking.subject;
    let customer = subject.claimed_id.unwrap_or(GoldenId(subject.id.0));
    let has_family = asking.policy.has_family_scope();
    let near = accounts::around(db, &BTreeSet::from([customer]), has_family).await?;
    let (mut rows, doubting) =
        try_join!(registrations::claims_on(db, &near), registrations::claims_doubting(db, &near))?;
    let near_ids: Vec<RegistrationId> = rows.iter().map(|it| it.id).collect();
    let mut doubts = registrations::doubts_of(db, &near_ids).await?;
    doubts.insert(subject.id, asking.doubts.clone());
    let possible: BTreeSet<GoldenId> = doubts.values().flatten().copied().collect();
    let beyond = match possible.is_empty() {
        true => BTreeSet::new(),
        false => accounts::around(db, &possible, false).await?,
    };
    let beyond: BTreeSet<GoldenId> = beyond.difference(&near).copied().collect();
    rows.extend(doubting);
    if !beyond.is_empty() {
        rows.extend(registrations::claims_on(db, &beyond).await?);
    }
    rows.push(subject.clone());
    let rows = unique(rows, subject);
    let far: Vec<RegistrationId> =
        rows.iter().map(|it| it.id).filter(|it| !doubts.contains_key(it)).collect();
    doubts.extend(registrations::doubts_of(db, &far).await?);
    let all: BTreeSet<GoldenId> = near.union(&beyond).copied().collect();
    let own = match has_family {
        true => accounts::around(db, &BTreeSet::from([customer]), false).await?,
        false => near,
    };
    let ((claims, customers), reservations) =
        try_join!(claims(db, asking.now, (&rows, &doubts), &all), accounts::reservations(db, &own))?;
    let now = customers.now(customer);
    let facts = Facts {
        evaluated_at: asking.now,
        subject: key(subject.id),
        claims,
        reserved_to: accounts::reserved_to(reservations, now),
        customer_choice: customer_choice(&rows, &customers, now),
        sources: asking.readings,
    };
    Case::try_from(facts).map_err(Error::internal)
}

/// Each registration once; the one that asks as it is at hand.
fn unique(rows: Vec<Model>, subject: &Model) -> Vec<Model> {
    let mut unique: BTreeMap<RegistrationId, Model> = rows.into_iter().map(|it| (it.id, it)).collect();
    unique.insert(subject.id, subject.clone());
    unique.into_values().collect()
}

async fn claims(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    (rows, doubts): (&[Model], &BTreeMap<RegistrationId, BTreeSet<GoldenId>>),
    accounts: &BTreeSet<GoldenId>,
) -> Result<(Vec<Claim>, Customers)> {
    let mut ids = accounts.clone();
    ids.extend(rows.iter().filter_map(|it| it.claimed_id));
    ids.extend(doubts.values().flatten());
    let (leads, customers) = try_join!(holdings::accepted_leads(db, accounts), Customers::of(db, &ids))?;
    // A registration that grew from a lead is the same claim, made firm.
    let grown: BTreeSet<(GoldenId, PartnerId)> =
        rows.iter().filter_map(|it| Some((it.lead_id?, it.partner_id))).collect();
    let leads: Vec<_> = leads.into_iter().filter(|it| !grown.contains(&(it.lead, it.partner))).collect();
    let registered = rows.iter().filter_map(|it| Some((it.partner_id, it.priority_time?)));
    let bidders = registered.chain(leads.iter().map(|it| (it.partner, it.priority.time)));
    let makers = Makers::of(db, now, (&customers, doubts), bidders).await?;
    let mut claims = rows.iter().map(|it| makers.registration(it)).collect::<Result<Vec<_>>>()?;
    claims.extend(leads.iter().map(|it| makers.lead(it)));
    let (incumbents, direct) = try_join!(
        holdings::incumbents(db, &makers, accounts),
        holdings::direct(db, &makers, (accounts, rows))
    )?;
    claims.extend(incumbents.into_iter().chain(direct));
    Ok((claims, customers))
}

/// The partner whom the customer named in a signed document. A customer that named several has named none.
fn customer_choice(rows: &[Model], customers: &Customers, customer: GoldenId) -> Option<Observed<PartnerId>> {
    let is_own = |it: &&Model| it.claimed_id.is_some_and(|id| customers.now(id) == customer);
    let confirmed = rows.iter().filter(is_own).filter(|it| !it.status.is_terminal());
    let mut named: Vec<_> =
        confirmed.filter_map(|it| Some((it.partner_id, it.customer_choice_confirmed_at?))).collect();
    named.sort();
    let (value, observed_at) = *named.first()?;
    named.iter().all(|it| it.0 == value).then_some(Observed { value, observed_at })
}
