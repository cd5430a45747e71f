//! Somebody is to think of the end of a contract.

use domain::ids::ContractId;
use sea_orm::entity::prelude::*;

/// Somebody is to think of the end of a contract.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_reminders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contract_id: ContractId,
    /// A business day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub due_on: Date,
    pub raised_at: DateTimeUtc,
    /// When somebody said that it is taken care of.
    pub acknowledged_at: Option<DateTimeUtc>,
    pub acknowledged_by: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
