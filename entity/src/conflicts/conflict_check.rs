//! A registration that is to be judged again.

use domain::conflicts::ConflictTrigger;
use domain::ids::RegistrationId;
use sea_orm::entity::prelude::*;

/// A registration that is to be judged again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conflict_checks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration_id: RegistrationId,
    /// Another one each time that somebody notes it: what came while it was judged is not lost.
    pub note_id: Uuid,
    /// What made us look.
    pub occasion: ConflictTrigger,
    pub noted_at: DateTimeUtc,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
