//! A person or company that may buy, as served.

use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use sea_orm::entity::prelude::*;

/// A person or company that may buy, as served.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "golden_leads")]
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
    pub company: Option<String>,
    pub title: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub mobile_phone: Option<String>,
    pub website: Option<String>,
    pub corporate_number: Option<String>,
    pub industry: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub source_channel: Option<String>,
    pub origin: Option<String>,
    pub stage: Option<String>,
    /// Why it is not for us, while it is not.
    pub disqualification_reason: Option<String>,
    pub score: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub converted_account_ref: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub converted_contact_ref: Option<String>,
    /// `SYSTEM/external id` in the source that won.
    pub converted_opportunity_ref: Option<String>,
    pub consent_to_share: Option<bool>,
    pub assigned_partner_id: Option<PartnerId>,
    pub assigned_user_id: Option<PartnerUserId>,
    /// The account it belongs to: converted into, or found by its company.
    pub account_id: Option<GoldenId>,
    /// The opportunity it was converted into.
    pub opportunity_id: Option<GoldenId>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
