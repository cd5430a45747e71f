//! The claims that nobody registered: leads that partners accepted, customers who run a product already, and opportunities of
//! direct sales.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::calendar::start_of_day;
use domain::conflicts::{Claim, ClaimStanding, Ground, Window};
use domain::fields::{RecordKind, lead};
use domain::ids::{GoldenId, PartnerId};
use domain::leads::LeadStage;
use domain::partners::PartnerStatus;
use domain::products::ProductScope;
use domain::registrations::Priority;
use entity::conflicts::installed_product;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::registrations::deal_registration;
use mastering::golden_record::GoldenRecord;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::bids::{AcceptedLead, Makers};
use super::store;
use crate::error::Result;
use crate::golden::service::{self as golden, Touches};

/// The leads on these accounts that partners accepted and still work.
///
/// A lead that was accepted by two before its records became one has a bid of each: the store still knows both.
pub(super) async fn accepted_leads(
    db: &impl ConnectionTrait,
    accounts: &BTreeSet<GoldenId>,
) -> Result<Vec<AcceptedLead>> {
    let rows = store::assigned_leads(db, accounts).await?;
    let is_worked = |it: &golden_lead::Model| {
        let stage = it.stage.as_deref().and_then(|it| it.parse().ok());
        matches!(stage, Some(LeadStage::Accepted | LeadStage::Working | LeadStage::Qualified))
    };
    let rows: Vec<golden_lead::Model> = rows.into_iter().filter(is_worked).collect();
    let ids: Vec<GoldenId> = rows.iter().map(|it| it.id).collect();
    let traces = golden::served(db, RecordKind::Lead, &ids).await?;
    let bids = |row: &golden_lead::Model| traces.get(&row.id).map(|it| bids_on(row, it)).unwrap_or_default();
    Ok(rows.iter().flat_map(bids).collect())
}

fn bids_on(row: &golden_lead::Model, golden: &GoldenRecord) -> Vec<AcceptedLead> {
    let (Some(account), Some(settled)) = (row.account_id, golden.settlement(lead::assigned_partner)) else {
        return Vec::new();
    };
    let partner = |text: &Option<String>| text.as_deref()?.parse::<Uuid>().ok().map(PartnerId);
    let bid = |id, partner, priority| AcceptedLead {
        id,
        lead: row.id,
        account,
        partner,
        priority,
        opportunity: row.opportunity_id,
    };
    let sequence = u64::try_from(settled.origin.sequence).unwrap_or_default();
    let time = settled.origin.changed_at;
    let own =
        partner(&settled.value).map(|it| bid(row.id.0, it, Priority { time, submission_seq: sequence }));
    let mut bids: Vec<AcceptedLead> = own.into_iter().collect();
    for loser in settled.losers.iter().filter(|it| it.source.system.code() == OWN) {
        if let Some(other) = partner(&loser.value)
            && bids.iter().all(|it| it.partner != other)
        {
            let id = Uuid::from_u128(row.id.0.as_u128() ^ other.0.as_u128());
            bids.push(bid(id, other, Priority { time: loser.changed_at, submission_seq: 0 }));
        }
    }
    bids
}

/// Code of our own system, whose word an assignment is.
const OWN: &str = "OWN";

/// Customers who run a product that they bought through a partner.
pub(super) async fn incumbents(
    db: &impl ConnectionTrait,
    makers: &Makers<'_>,
    accounts: &BTreeSet<GoldenId>,
) -> Result<Vec<Claim>> {
    let rows = store::installed_on(db, accounts).await?;
    let partners: BTreeSet<PartnerId> = rows.iter().map(|it| it.partner_id).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let statuses = store::statuses(db, &partners).await?;
    let claim = |it: installed_product::Model| {
        let instant = |date: NaiveDate| start_of_day(date);
        let is_active = statuses.get(&it.partner_id) == Some(&PartnerStatus::Active);
        Claim {
            id: it.id.0,
            ground: Ground::Incumbent { partner: it.partner_id, is_active },
            account: makers.account(it.account_id, BTreeSet::new()),
            products: [it.product].into_iter().collect(),
            window: Window { from: instant(it.valid_from), until: it.valid_until.map(instant) },
            standing: ClaimStanding::Open,
            deal: None,
            observed_at: makers.now,
        }
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Open opportunities of direct sales: those that no partner brought, registered or got a lead of.
pub(super) async fn direct(
    db: &impl ConnectionTrait,
    makers: &Makers<'_>,
    (accounts, registered): (&BTreeSet<GoldenId>, &[deal_registration::Model]),
) -> Result<Vec<Claim>> {
    let registered: BTreeSet<GoldenId> = registered.iter().filter_map(|it| it.opportunity_id).collect();
    let mut rows = store::direct_opportunities(db, accounts).await?;
    rows.retain(|it| !registered.contains(&it.id));
    let ids: Vec<GoldenId> = rows.iter().map(|it| it.id).collect();
    let touches: BTreeMap<GoldenId, Touches> = golden::touches(db, &ids).await?;
    let claim = |row: golden_opportunity::Model| {
        let touched = touches.get(&row.id).cloned().unwrap_or_default();
        let opened_at = touched.made_at.unwrap_or(row.created_at);
        let account = makers.account(row.account_id?, BTreeSet::new());
        Some(Claim {
            id: row.id.0,
            ground: Ground::Direct { opened_at, activity_at: touched.touched_at },
            account,
            products: ProductScope::all(),
            window: Window { from: opened_at, until: None },
            standing: ClaimStanding::Open,
            deal: Some(row.id),
            observed_at: touched.observed_at.unwrap_or(row.updated_at),
        })
    };
    Ok(rows.into_iter().filter_map(claim).collect())
}
