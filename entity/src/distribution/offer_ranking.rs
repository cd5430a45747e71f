//! What an offer rests on: every partner with what was known of it, and the order that came out.

use domain::ids::{LeadOfferId, PolicyVersionId};
use sea_orm::entity::prelude::*;

/// What an offer rests on: every partner with what was known of it, and the order that came out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_rankings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: LeadOfferId,
    /// Null where the store had none and the configuration spoke.
    pub policy_version_id: Option<PolicyVersionId>,
    /// The facts, as JSON.
    pub candidates: String,
    /// The ranking with whoever was left out, as JSON.
    pub ranking: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
