//! Why a golden record has its values: one trace per record.

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use sea_orm::entity::prelude::*;

/// Why a golden record has its values: one trace per record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub golden_id: GoldenId,
    pub kind: RecordKind,
    pub policy_version: String,
    /// As `mastering` writes it.
    pub trace: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
