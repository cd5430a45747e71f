//! A customer organisation as served.

use domain::ids::GoldenId;
use sea_orm::entity::prelude::*;

/// A customer organisation as served.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "golden_accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GoldenId,
    /// Counts changes of served values.
    pub version: i32,
    /// The survivor, when this id lost a merge.
    pub redirect_to: Option<GoldenId>,
    /// Set when no live source record is left.
    pub archived_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    /// When a served value last changed.
    pub updated_at: DateTimeUtc,
    pub name: Option<String>,
    pub name_kana: Option<String>,
    pub name_en: Option<String>,
    pub corporate_number: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub industry: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub parent_ref: Option<String>,
    pub parent_id: Option<GoldenId>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
