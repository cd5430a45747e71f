//! An account, or the company of another registration, that a registered company may be.

use domain::ids::{GoldenId, RegistrationId};
use sea_orm::entity::prelude::*;

/// An account, or the company of another registration, that a registered company may be.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_doubts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub possible_id: GoldenId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration_id: RegistrationId,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
