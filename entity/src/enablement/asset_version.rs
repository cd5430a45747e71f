//! One version of an asset in one language.

use domain::ids::{AssetVersionId, EnablementAssetId};
use sea_orm::entity::prelude::*;

/// One version of an asset in one language.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "asset_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AssetVersionId,
    pub asset_id: EnablementAssetId,
    /// ISO 639-1 code.
    pub language: String,
    /// Rises with every version of the asset in this language.
    pub number: i32,
    pub title: String,
    /// Separated by commas.
    pub tags: String,
    /// What it says, as far as it is text.
    pub body: Option<String>,
    /// Where it is, when it is not text alone.
    pub location: Option<String>,
    /// The title as it is compared.
    pub search_title: String,
    /// Title, tags and text as they are compared.
    pub search_text: String,
    /// The lowest tier that may see it; rank 1 is the highest.
    pub lowest_tier_rank: Option<i32>,
    pub valid_from: DateTimeUtc,
    /// The first instant at which it may not be used any more.
    pub valid_until: Option<DateTimeUtc>,
    pub published_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
