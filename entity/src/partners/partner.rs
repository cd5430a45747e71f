//! A partner: one legal entity with a past, present or intended agreement.

use domain::ids::PartnerId;
use domain::partners::PartnerStatus;
use sea_orm::entity::prelude::*;

/// A partner: one legal entity with a past, present or intended agreement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partners")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerId,
    /// Counts changes; a mutation names the version it saw.
    pub version: i32,
    pub legal_name: String,
    pub legal_name_kana: Option<String>,
    pub display_name_ja: Option<String>,
    pub display_name_en: Option<String>,
    /// Thirteen digits, checked.
    pub corporate_number: Option<String>,
    /// `T` and thirteen digits.
    pub invoice_registration_no: Option<String>,
    /// Codes of `PartnerType`, separated by commas.
    pub types: String,
    pub status: PartnerStatus,
    /// The distributor above.
    pub parent_partner_id: Option<PartnerId>,
    pub locale: String,
    pub timezone: String,
    /// The partner as an account in the CRM: linked, never merged.
    pub crm_account_ref: Option<String>,
    /// When the agreement ended; its registrations live on for some days.
    pub terminated_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
