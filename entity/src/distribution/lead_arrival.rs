//! A lead that has come or changed while new leads are offered by themselves: it is to be looked at.

use domain::ids::GoldenId;
use sea_orm::entity::prelude::*;

/// A lead that has come or changed while new leads are offered by themselves: it is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_arrivals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead_id: GoldenId,
    pub noted_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
