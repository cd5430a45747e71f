//! One party's claim on a deal: on what it rests, about which account and products, and since when.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{GoldenId, PartnerId};
use crate::products::ProductScope;
use crate::registrations::{DealType, Priority};
use crate::territories::Coverage;

crate::codes! {
    /// On what kind of record a claim rests.
    pub enum ClaimKind {
        Registration("案件登録", "Deal registration"),
        AcceptedLead("応諾リード", "Accepted lead"),
        Incumbent("既存担当", "Incumbent"),
        Direct("直販商談", "Direct opportunity"),
    }

    /// Whether a claim still counts.
    pub enum ClaimStanding {
        Open("有効", "Open"),
        Won("受注", "Won"),
        Ended("終了", "Ended"),
    }
}

/// Names a claim: the kind and the id of the record it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClaimKey {
    /// The kind of record.
    pub kind: ClaimKind,
    /// The record: registration, offer, installed product or opportunity.
    pub id: Uuid,
}

/// Who claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Party {
    /// The vendor's own sales.
    Direct,
    /// A partner.
    Partner(PartnerId),
}

/// One party's claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The record it rests on.
    pub id: Uuid,
    /// On what it rests.
    pub ground: Ground,
    /// About whom.
    pub account: ClaimedAccount,
    /// About what.
    pub products: ProductScope,
    /// For how long.
    pub window: Window,
    /// Whether it still counts.
    pub standing: ClaimStanding,
    /// The opportunity it led to.
    pub deal: Option<GoldenId>,
    /// When this was read.
    pub observed_at: DateTime<Utc>,
}

/// On what a claim rests, with what only that kind of claim has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Ground {
    /// A deal registration.
    Registration {
        /// Kind of business.
        deal_type: DealType,
        /// Whose, and since when.
        bid: Bid,
    },
    /// A lead that a partner accepted.
    AcceptedLead {
        /// The golden lead.
        lead: GoldenId,
        /// Whose, and since when.
        bid: Bid,
    },
    /// A live customer contract through a partner.
    Incumbent {
        /// Through whom.
        partner: PartnerId,
        /// Whether the partner is ACTIVE.
        is_active: bool,
    },
    /// An opportunity of direct sales.
    Direct {
        /// When it was created.
        opened_at: DateTime<Utc>,
        /// When direct sales completed activities with the account.
        activity_at: BTreeSet<DateTime<Utc>>,
    },
}

/// A partner's bid, with what the rules ask of it at its priority time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bid {
    /// Whose.
    pub partner: PartnerId,
    /// The distributor that the partner belongs to.
    pub distributor: Option<PartnerId>,
    /// Who was first.
    pub priority: Priority,
    /// What the partner's territories say.
    pub coverage: Coverage,
    /// 1 is the highest tier; `None` for a partner without one.
    pub tier_rank: Option<u32>,
}

/// The customer of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedAccount {
    /// The golden account.
    pub golden: GoldenId,
    /// The head of its family of companies.
    pub family: Option<GoldenId>,
    /// Accounts that may be the same one: matched, but not surely enough.
    pub possible: BTreeSet<GoldenId>,
}

/// When a claim holds, half-open; without an end while it is open-ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub until: Option<DateTime<Utc>>,
}

impl Claim {
    /// Its name.
    pub fn key(&self) -> ClaimKey {
        let kind = match self.ground {
            Ground::Registration { .. } => ClaimKind::Registration,
            Ground::AcceptedLead { .. } => ClaimKind::AcceptedLead,
            Ground::Incumbent { .. } => ClaimKind::Incumbent,
            Ground::Direct { .. } => ClaimKind::Direct,
        };
        ClaimKey { kind, id: self.id }
    }

    /// Who claims.
    pub fn party(&self) -> Party {
        match &self.ground {
            Ground::Registration { bid, .. } | Ground::AcceptedLead { bid, .. } => {
                Party::Partner(bid.partner)
            }
            Ground::Incumbent { partner, .. } => Party::Partner(*partner),
            Ground::Direct { .. } => Party::Direct,
        }
    }

    /// The bid, when a partner asked for the deal.
    pub fn bid(&self) -> Option<&Bid> {
        match &self.ground {
            Ground::Registration { bid, .. } | Ground::AcceptedLead { bid, .. } => Some(bid),
            Ground::Incumbent { .. } | Ground::Direct { .. } => None,
        }
    }

    /// The distributor of the claiming partner.
    pub fn distributor(&self) -> Option<PartnerId> {
        self.bid().and_then(|it| it.distributor)
    }

    /// Whether it is about business that an incumbent already has.
    pub fn continues_business(&self) -> bool {
        matches!(self.ground, Ground::Registration { deal_type: DealType::Renewal | DealType::Expansion, .. })
    }
}

impl Window {
    /// Whether two windows share an instant.
    pub fn intersects(&self, other: &Self) -> bool {
        let starts_before_end = |a: &Self, b: &Self| b.until.is_none_or(|until| a.from < until);
        let is_some_time = |it: &Self| it.until.is_none_or(|until| it.from < until);
        is_some_time(self)
            && is_some_time(other)
            && starts_before_end(self, other)
            && starts_before_end(other, self)
    }
}
