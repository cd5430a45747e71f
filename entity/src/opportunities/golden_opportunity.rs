//! A qualified possible sale as served.

use domain::ids::{GoldenId, PartnerId};
use sea_orm::entity::prelude::*;

/// A qualified possible sale as served.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "golden_opportunities")]
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
    pub stage: Option<String>,
    pub currency: Option<String>,
    pub loss_reason: Option<String>,
    pub deal_type: Option<String>,
    pub owner: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub account_ref: Option<String>,
    /// In minor units of `currency`.
    pub amount_minor: Option<i64>,
    pub close_date: Option<Date>,
    pub is_closed: Option<bool>,
    pub is_won: Option<bool>,
    pub account_id: Option<GoldenId>,
    pub sourcing_partner_id: Option<PartnerId>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
