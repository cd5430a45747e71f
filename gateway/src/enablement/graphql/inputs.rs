//! What clients send about content, and how it becomes checked details.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use domain::enablement::{AssetKind, AssignmentRule, OwnerDepartment};
use domain::ids::EnablementAssetId;
use domain::partners::PartnerType;

use crate::enablement::service::{Content, EnablementRefusal, VersionDetails};
use crate::error::{OfField as _, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A version of an asset.
#[derive(Debug, InputObject)]
pub struct AssetVersionInput {
    /// ISO 639-1 code of its language, such as `ja`.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// Words that it is found by, without commas.
    #[graphql(default)]
    pub tags: Vec<String>,
    /// What it says, as far as it is text; a version has a body, a location or both.
    pub body: Option<String>,
    /// Where it is, such as an address.
    pub location: Option<String>,
    /// The lowest tier that may see it, 1 being the highest; every partner may when left out.
    pub lowest_tier_rank: Option<u32>,
    /// The first instant at which it may not be used any more.
    pub valid_until: Option<DateTime<Utc>>,
}

impl AssetVersionInput {
    /// The version, checked as far as its parts go.
    pub(super) fn details(self) -> Result<VersionDetails> {
        let tags: Result<_> = self.tags.iter().map(|it| it.parse().of_field("tags")).collect();
        Ok(VersionDetails {
            language: self.language,
            title: self.title.parse().of_field("title")?,
            tags: tags?,
            body: self.body.map(|it| it.parse()).transpose().of_field("body")?,
            location: self.location.map(|it| it.parse()).transpose().of_field("location")?,
            lowest_tier_rank: self.lowest_tier_rank,
            valid_until: self.valid_until,
        })
    }
}

/// A new asset with its first version.
#[derive(Debug, InputObject)]
pub struct CreateEnablementAssetInput {
    /// What it is.
    pub kind: AssetKind,
    /// Who writes it.
    pub owner_department: OwnerDepartment,
    /// Its first version, valid from now on.
    pub version: AssetVersionInput,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A further version of an asset, or its first in another language.
#[derive(Debug, InputObject)]
pub struct PublishAssetVersionInput {
    /// The asset.
    pub asset_id: ID,
    /// The version, valid from now on.
    pub version: AssetVersionInput,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An asset that nobody is given any more. Doing it again changes nothing.
#[derive(Debug, InputObject)]
pub struct RetireEnablementAssetInput {
    /// The asset.
    pub asset_id: ID,
}

/// A new package.
#[derive(Debug, InputObject)]
pub struct CreateSupportPackageInput {
    /// What it is called in Japanese.
    pub name_ja: String,
    /// What it is called in English.
    pub name_en: Option<String>,
    /// Its assets, in the order in which they are to be used; at most 50.
    pub asset_ids: Vec<ID>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Content for one partner: a package, or some assets. What the partner has already stays as it is.
#[derive(Debug, InputObject)]
pub struct AssignSupportInput {
    /// To whom.
    pub partner_id: ID,
    /// All of this package.
    pub package_id: Option<ID>,
    /// These assets, at most 50.
    pub asset_ids: Option<Vec<ID>>,
    /// By when it is to be consumed.
    pub due_at: Option<DateTime<Utc>>,
}

impl AssignSupportInput {
    /// What is to be given.
    pub(super) fn content(&self) -> Result<Content> {
        match (&self.package_id, &self.asset_ids) {
            (Some(package), None) => {
                Ok(Content::Package(NodeId::decode(package, NodeType::SupportPackage).of_field("packageId")?))
            }
            (None, Some(ids)) => Ok(Content::Assets(assets(ids)?)),
            _ => Err(EnablementRefusal::SupportContentUnclear.into()),
        }
    }
}

/// Which partners a package is for; all conditions that are given must hold.
#[derive(Debug, InputObject)]
pub struct AssignmentRuleInput {
    /// One of these types.
    #[graphql(default)]
    pub types: Vec<PartnerType>,
    /// One of these ranks of tiers, 1 being the highest.
    #[graphql(default)]
    pub tier_ranks: Vec<u32>,
    /// An engagement score of at least this; a partner without a score does not qualify.
    pub score_from: Option<u32>,
    /// An engagement score below this; a partner without a score does not qualify.
    pub score_below: Option<u32>,
    /// One of these prefectures in its territories, such as `JP-13`.
    #[graphql(default)]
    pub prefectures: Vec<String>,
    /// Days from now to the due date.
    pub due_in_days: Option<u32>,
}

impl From<AssignmentRuleInput> for AssignmentRule {
    fn from(it: AssignmentRuleInput) -> Self {
        Self {
            types: it.types.into_iter().collect(),
            tier_ranks: it.tier_ranks.into_iter().collect(),
            score_from: it.score_from,
            score_below: it.score_below,
            prefectures: it.prefectures.into_iter().collect(),
            due_in_days: it.due_in_days,
        }
    }
}

/// A package for every active partner of the caller's set that a rule means. Doing it again gives nothing twice.
#[derive(Debug, InputObject)]
pub struct AssignSupportByRuleInput {
    /// The package.
    pub package_id: ID,
    /// Whom it is for.
    pub rule: AssignmentRuleInput,
}

/// An assignment that is taken back.
#[derive(Debug, InputObject)]
pub struct CancelSupportAssignmentInput {
    /// The assignment.
    pub assignment_id: ID,
    /// Why; the partner reads it.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Ids of assets.
pub(super) fn assets(ids: &[ID]) -> Result<Vec<EnablementAssetId>> {
    ids.iter().map(|it| NodeId::decode(it, NodeType::EnablementAsset).of_field("assetIds")).collect()
}
