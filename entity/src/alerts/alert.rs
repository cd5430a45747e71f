//! An alert, as a table.

use domain::alerts::{AlertStatus, Severity};
use domain::ids::{AlertId, PartnerId};
use sea_orm::entity::prelude::*;

/// Something about a partner that somebody should look at; one that is not resolved for each rule and partner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertId,
    /// The code of the rule.
    pub rule: String,
    pub partner_id: PartnerId,
    pub severity: Severity,
    pub status: AlertStatus,
    /// The figures that the rule looked at when it was raised, as JSON.
    pub figures: String,
    pub opened_at: DateTimeUtc,
    pub acknowledged_at: Option<DateTimeUtc>,
    pub acknowledged_by: Option<String>,
    pub resolved_at: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
