//! A check that somebody made before registering a deal: what limits probing.

use domain::ids::{ClaimCheckId, PartnerId};
use sea_orm::entity::prelude::*;

/// A check that somebody made before registering a deal: what limits probing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim_checks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClaimCheckId,
    pub subject: String,
    pub partner_id: PartnerId,
    pub at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
