//! Who changed what.

use domain::ids::AuditEventId;
use sea_orm::entity::prelude::*;

/// Who changed what.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    pub at: DateTimeUtc,
    pub subject: String,
    pub action: String,
    pub target_kind: String,
    pub target_id: Uuid,
    /// As JSON; no personal values.
    pub detail: String,
    pub request_id: Option<String>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
