//! A contract with a partner for one term; a renewal is another one.

use domain::contracts::{ContractStatus, ContractType};
use domain::ids::{ContractId, PartnerId};
use sea_orm::entity::prelude::*;

/// A contract with a partner for one term; a renewal is another one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contracts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContractId,
    /// Counts changes; a mutation names the version it saw.
    pub version: i32,
    pub partner_id: PartnerId,
    pub contract_type: ContractType,
    pub number: String,
    /// 0, then 1 for the first renewal under the same number.
    pub renewal: i32,
    pub status: ContractStatus,
    /// Both dates belong to it.
    pub start_date: Date,
    pub end_date: Date,
    /// The last date for a notice, by the terms at its end; kept in step with them.
    pub notice_deadline: Date,
    pub signed_on: Option<Date>,
    pub notice_given_on: Option<Date>,
    /// The first date on which it does not bind any more, when it is ended early.
    pub terminated_on: Option<Date>,
    pub termination_reason: Option<String>,
    /// The contract that it renews.
    pub predecessor_id: Option<ContractId>,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub updated_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
