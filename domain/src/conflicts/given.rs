//! Claims and facts as the worked examples give them.
//!
//! Account A1 is in Tokyo, industry E; product X; P1 is GOLD (1) and P2 SILVER (2). Times are Japanese.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::*;
use crate::ids::{GoldenId, PartnerId};
use crate::registrations::{DealType, Priority};
use crate::territories::Coverage;

pub(super) const P1: PartnerId = PartnerId(Uuid::from_u128(0x101));
pub(super) const P2: PartnerId = PartnerId(Uuid::from_u128(0x102));
pub(super) const P3: PartnerId = PartnerId(Uuid::from_u128(0x103));
pub(super) const A1: GoldenId = GoldenId(Uuid::from_u128(0xa1));
pub(super) const A3: GoldenId = GoldenId(Uuid::from_u128(0xa3));

/// `04-06 10:00` in Japan in 2026.
pub(super) fn at(text: &str) -> DateTime<Utc> {
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    format!("2026-{date}T{time}:00+09:00").parse().unwrap()
}

pub(super) fn registration(partner: PartnerId, submitted: &str) -> Claim {
    let (time, id) = (at(submitted), partner.0);
    let bid = Bid {
        partner,
        distributor: None,
        priority: Priority { time, submission_seq: id.as_u128() as u64 },
        coverage: Coverage::Covered,
        tier_rank: Some(if partner == P1 { 1 } else { 2 }),
    };
    claim(id, Ground::Registration { deal_type: DealType::New, bid }, time)
}

pub(super) fn claim(id: Uuid, ground: Ground, from: DateTime<Utc>) -> Claim {
    Claim {
        id,
        ground,
        account: ClaimedAccount { golden: A1, family: None, possible: BTreeSet::new() },
        products: ["X"].into_iter().collect(),
        window: Window { from, until: None },
        standing: ClaimStanding::Open,
        deal: None,
        observed_at: from,
    }
}

pub(super) fn direct(opened: &str, activity: &[&str]) -> Claim {
    let opened_at = at(opened);
    let activity_at = activity.iter().map(|it| at(it)).collect();
    claim(Uuid::from_u128(0xd0), Ground::Direct { opened_at, activity_at }, opened_at)
}

pub(super) fn incumbent(partner: PartnerId, until: &str) -> Claim {
    let mut claim = claim(Uuid::from_u128(0xb0), Ground::Incumbent { partner, is_active: true }, at("01-01"));
    claim.window.until = Some(at(until));
    claim
}

pub(super) fn with_bid(mut claim: Claim, change: impl FnOnce(&mut Bid)) -> Claim {
    match &mut claim.ground {
        Ground::Registration { bid, .. } | Ground::AcceptedLead { bid, .. } => change(bid),
        Ground::Incumbent { .. } | Ground::Direct { .. } => panic!("no bid"),
    }
    claim
}

pub(super) fn renewal(mut claim: Claim) -> Claim {
    if let Ground::Registration { deal_type, .. } = &mut claim.ground {
        *deal_type = DealType::Renewal;
    }
    claim
}

pub(super) fn facts(claims: &[Claim]) -> Facts {
    let evaluated_at = at("06-01");
    let crm = SourceReading { system: "CRM".to_owned(), watermark: evaluated_at, looked_up_at: None };
    Facts {
        evaluated_at,
        subject: claims[0].key(),
        claims: claims.to_vec(),
        reserved_to: None,
        customer_choice: None,
        sources: vec![crm],
    }
}

pub(super) fn observed<T>(value: T) -> Option<Observed<T>> {
    Some(Observed { value, observed_at: at("05-01") })
}

pub(super) fn judged(facts: Facts) -> Verdict {
    judge(&ConflictPolicy::default(), facts.try_into().unwrap())
}
