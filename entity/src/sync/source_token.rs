//! The newest refresh token of a source.

use domain::sources::SourceSystem;
use sea_orm::entity::prelude::*;

/// The newest refresh token of a source whose tokens rotate.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: SourceSystem,
    /// Sealed: only who knows the key of the configuration can use it.
    pub token: String,
    pub kept_at: DateTimeUtc,
    /// Who uses the grant at the moment.
    pub holder: Option<Uuid>,
    /// Until when others wait for the holder at most.
    pub held_until: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
