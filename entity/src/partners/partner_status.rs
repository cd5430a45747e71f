//! Where a partner stood, as a table.

use domain::ids::PartnerId;
use domain::partners::PartnerStatus;
use sea_orm::entity::prelude::*;

/// Where a partner has stood from one instant on, until the next; never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_statuses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: PartnerId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: DateTimeUtc,
    pub status: PartnerStatus,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
