//! Who may be offered a lead, and every reason why another may not.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::PartnerId;
use crate::partners::PartnerStatus;
use crate::territories::Specificity;

crate::codes! {
    /// Why a partner is left out.
    pub enum Exclusion {
        NotActive("有効なパートナーではありません", "The partner is not active"),
        ProductNotContracted("契約が製品を含みません", "No contract covers the product"),
        TerritoryNotCovered("担当エリア外です", "The lead lies outside the territory"),
        AccreditationMissing("必要な認定・資格がありません", "A required certification or accreditation is missing"),
        Silent("サイレント状態です", "The partner is silent"),
        AtCapacity("対応中リードが上限です", "The partner has as many open leads as it can take"),
        ConflictOfInterest("利益相反があります", "There is a conflict of interest"),
        AlreadyAsked("同じリードを辞退または期限切れにしました", "The partner declined this lead or let it expire"),
    }
}

/// A partner with everything that is asked about it for one lead, as of one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Who.
    pub partner: PartnerId,
    /// Where it stands.
    pub status: PartnerStatus,
    /// Whether a contract in force covers the lead's products.
    pub is_contracted: bool,
    /// How closely its territory fits; `None` when it does not cover the lead.
    pub territory: Option<Specificity>,
    /// Whether every certification and accreditation that the lead requires is valid.
    pub is_accredited: bool,
    /// Whether it has gone silent.
    pub is_silent: bool,
    /// How many leads it is working on, open offers included.
    pub open_leads: u32,
    /// How many it can take.
    pub capacity: u32,
    /// Whether somebody flagged a conflict of interest with the customer.
    pub has_conflict_of_interest: bool,
    /// Whether it has been asked about this lead before, in this round.
    pub was_asked: bool,
    /// 1 is the highest tier.
    pub tier_rank: Option<u32>,
    /// 0 to 100.
    pub engagement_score: Option<u32>,
    /// When it was last offered any lead.
    pub last_offer_at: Option<DateTime<Utc>>,
}

impl Exclusion {
    /// Whether this reason holds for a candidate.
    pub fn applies_to(self, candidate: &Candidate) -> bool {
        match self {
            Self::NotActive => candidate.status != PartnerStatus::Active,
            Self::ProductNotContracted => !candidate.is_contracted,
            Self::TerritoryNotCovered => candidate.territory.is_none(),
            Self::AccreditationMissing => !candidate.is_accredited,
            Self::Silent => candidate.is_silent,
            Self::AtCapacity => candidate.open_leads >= candidate.capacity,
            Self::ConflictOfInterest => candidate.has_conflict_of_interest,
            Self::AlreadyAsked => candidate.was_asked,
        }
    }
}
