//! A person at a customer as served.

use domain::ids::GoldenId;
use sea_orm::entity::prelude::*;

/// A person at a customer as served.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "golden_contacts")]
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
    pub last_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name_kana: Option<String>,
    pub first_name_kana: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub mobile_phone: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub account_ref: Option<String>,
    pub account_id: Option<GoldenId>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
