//! The keys of a registered company, under which accounts and other registrations find it.

use domain::ids::RegistrationId;
use sea_orm::entity::prelude::*;

/// The keys of a registered company, under which accounts and other registrations find it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_keys")]
pub struct Model {
    /// Stable hash of one normalised fact about the company: number, name, domain, telephone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration_id: RegistrationId,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
