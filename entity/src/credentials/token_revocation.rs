//! Tokens that do not count any more: one by its id, or all that a subject had until then.

use domain::ids::TokenRevocationId;
use sea_orm::entity::prelude::*;

/// Tokens that do not count any more: one by its id, or all that a subject had until then.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_revocations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenRevocationId,
    /// This or the next.
    pub subject: Option<String>,
    pub token_id: Option<String>,
    pub reason: String,
    pub revoked_at: DateTimeUtc,
    pub revoked_by: String,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
