//! What the partner program says in one fiscal year.

use domain::ids::ProgramVersionId;
use domain::programs::ProgramState;
use sea_orm::entity::prelude::*;

/// What the partner program says in one fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "program_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProgramVersionId,
    pub fiscal_year: i32,
    /// From 1 in each year.
    pub number: i32,
    pub name: String,
    /// As TOML.
    pub document: String,
    pub state: ProgramState,
    pub created_at: DateTimeUtc,
    pub created_by: String,
    pub activated_at: Option<DateTimeUtc>,
    pub activated_by: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
