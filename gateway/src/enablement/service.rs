//! Use cases of support content, and what other features ask.

use std::collections::BTreeSet;

use domain::ids::{AssetVersionId, PartnerId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

pub use super::assigning::{Content, Wanted, assign, assign_by_rule, cancel};
pub use super::content::{VersionDetails, create, publish, retire};
pub use super::packages::{PackageDetails, create as create_package};
pub use super::search::{MOST_FOUND, search};

use super::store;
use crate::error::{Refusal, Result};
use crate::platform::context::RequestContext;

/// Why content is not published or assigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EnablementRefusal {
    /// Nothing new of it.
    #[error("the asset is retired; publish another one")]
    AssetRetired,
    /// No language.
    #[error("a language is its two-letter code in lower case, such as `ja`")]
    AssetLanguageInvalid,
    /// Several tags in one.
    #[error("a tag has no comma; send each tag by itself")]
    AssetTagInvalid,
    /// Nothing to look at.
    #[error("a version has a text, a location or both; add one")]
    AssetEmpty,
    /// It ends before it begins.
    #[error("the version would end before it begins; choose a later `validUntil`")]
    AssetEndsFirst,
    /// No rank.
    #[error("the highest tier has rank 1; send a rank from 1 on, or none")]
    TierRankInvalid,
    /// Nothing that the partner could read.
    #[error("an asset has no valid version in the partner's language, Japanese or English; publish one")]
    AssetWithoutVersion,
    /// Nothing to assign, or it is said twice.
    #[error("name either a package or assets")]
    SupportContentUnclear,
    /// A date that no calendar has.
    #[error("an assignment is due within {MOST_DAYS} days; choose fewer days")]
    SupportDueTooFar,
    /// A package of nothing.
    #[error("a package has 1 to {MOST_ITEMS} different assets")]
    PackageSize,
}

/// Days until an assignment by rule is due at most: ten years.
pub const MOST_DAYS: u32 = 3_650;

/// Assets of one package, or of one assignment.
pub const MOST_ITEMS: usize = 50;

impl Refusal for EnablementRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Those of these versions that exist.
pub async fn existing(
    db: &impl ConnectionTrait,
    versions: &[AssetVersionId],
) -> Result<BTreeSet<AssetVersionId>> {
    Ok(store::existing(db, versions).await?.into_iter().collect())
}

/// Notes, in the transaction that takes events in, that the assignments of these partners and versions are to be reckoned
/// anew.
pub async fn note_events(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    touched: &BTreeSet<(PartnerId, AssetVersionId)>,
) -> Result<()> {
    let waiting = store::lock_assignments_of(txn, touched).await?;
    Ok(store::note_stale(txn, waiting, ctx.now).await?)
}
