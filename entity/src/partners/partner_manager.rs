//! A channel manager who is responsible for a partner.

use domain::ids::PartnerId;
use sea_orm::entity::prelude::*;

/// A channel manager who is responsible for a partner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_managers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    /// Subject of the manager's token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
