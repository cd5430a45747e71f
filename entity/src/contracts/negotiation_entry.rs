//! What was said about a contract.

use domain::ids::{ContractId, NegotiationEntryId};
use sea_orm::entity::prelude::*;

/// What was said about a contract.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_negotiation_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NegotiationEntryId,
    pub contract_id: ContractId,
    /// When it was said.
    pub occurred_on: Date,
    pub note: String,
    pub entered_at: DateTimeUtc,
    pub entered_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
