//! A blocking key that gathers too many records to be used for finding pairs.

use domain::fields::RecordKind;
use sea_orm::entity::prelude::*;

/// A blocking key that gathers too many records to be used for finding pairs.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closed_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: RecordKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
