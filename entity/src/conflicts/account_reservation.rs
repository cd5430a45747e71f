//! An account that is reserved: to a partner as a named account, or to direct sales as a house account.

use domain::ids::{GoldenId, PartnerId};
use sea_orm::entity::prelude::*;

/// An account that is reserved: to a partner as a named account, or to direct sales as a house account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_reservations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: GoldenId,
    /// Null for direct sales.
    pub partner_id: Option<PartnerId>,
    pub reserved_at: DateTimeUtc,
    pub reserved_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
