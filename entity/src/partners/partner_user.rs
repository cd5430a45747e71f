//! A person at a partner who may log in.

use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{JobFunction, PartnerUserRole, PartnerUserStatus};
use sea_orm::entity::prelude::*;

/// A person at a partner who may log in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnerUserId,
    /// Counts changes; a mutation names the version it saw.
    pub version: i32,
    pub partner_id: PartnerId,
    pub family_name: String,
    pub given_name: String,
    pub family_name_kana: Option<String>,
    pub given_name_kana: Option<String>,
    pub email: String,
    /// The address in lower case: unique within the partner.
    pub email_key: String,
    pub job_function: JobFunction,
    pub role: PartnerUserRole,
    pub locale: String,
    pub status: PartnerUserStatus,
    /// When access was first granted.
    pub access_granted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
