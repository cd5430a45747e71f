//! A partner that was stopped: its offers are to be closed, and its leads to be taken back.

use domain::ids::PartnerId;
use sea_orm::entity::prelude::*;

/// A partner that was stopped: its offers are to be closed, and its leads to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_recalls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    pub noted_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
