//! A product that an account runs, bought through a partner: its incumbent.

use domain::ids::{GoldenId, InstalledProductId, PartnerId};
use sea_orm::entity::prelude::*;

/// A product that an account runs, bought through a partner: its incumbent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installed_products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InstalledProductId,
    pub account_id: GoldenId,
    pub partner_id: PartnerId,
    pub product: String,
    /// The first date.
    pub valid_from: Date,
    /// The first date after it, if it ends.
    pub valid_until: Option<Date>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
