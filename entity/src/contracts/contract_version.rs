//! What is agreed in a contract from one date on; never changed once the contract has left its draft.

use domain::ids::{ContractId, ContractVersionId};
use sea_orm::entity::prelude::*;

/// What is agreed in a contract from one date on; never changed once the contract has left its draft.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractVersionId,
    pub contract_id: ContractId,
    /// From 1, in the order in which they were agreed.
    pub number: i32,
    pub effective_on: Date,
    /// What an amendment is about.
    pub summary: Option<String>,
    /// Codes separated by commas; none means everything. So with prefectures and industries.
    pub products: String,
    pub prefectures: String,
    pub industries: String,
    pub notice_days: i32,
    pub auto_renew: bool,
    pub renewal_term_months: i32,
    pub price_terms: Option<String>,
    pub payment_terms: Option<String>,
    pub termination_terms: Option<String>,
    pub clause_nda: Option<String>,
    pub clause_non_compete: Option<String>,
    pub clause_ip: Option<String>,
    pub shortfall_action: Option<String>,
    pub jurisdiction: Option<String>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
