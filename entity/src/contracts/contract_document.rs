//! A document that a contract refers to; it is kept elsewhere.

use domain::ids::{ContractDocumentId, ContractId};
use sea_orm::entity::prelude::*;

/// A document that a contract refers to; it is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_documents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractDocumentId,
    pub contract_id: ContractId,
    pub title: String,
    /// Where it is kept: an address, or the number of a file.
    pub reference: String,
    pub added_at: DateTimeUtc,
    pub added_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
