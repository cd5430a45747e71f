//! A claim that is part of a conflict.

use domain::conflicts::ClaimKind;
use domain::ids::{ConflictId, PartnerId};
use sea_orm::entity::prelude::*;

/// A claim that is part of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conflict_parties")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub conflict_id: ConflictId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: ClaimKind,
    /// The record it rests on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub claim_id: Uuid,
    /// Null for direct sales.
    pub partner_id: Option<PartnerId>,
    /// Basis points of the deal, where a person split it.
    pub share: Option<i32>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
