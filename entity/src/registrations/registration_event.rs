//! Append-only: one thing that happened to a deal registration.

use domain::ids::{RegistrationEventId, RegistrationId};
use domain::registrations::{RegistrationStatus, RegistrationStep};
use sea_orm::entity::prelude::*;

/// Append-only: one thing that happened to a deal registration.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RegistrationEventId,
    pub registration_id: RegistrationId,
    pub at: DateTimeUtc,
    pub step: RegistrationStep,
    /// Where the registration stood afterwards.
    pub status: RegistrationStatus,
    /// Who did it; `SYSTEM` for what happens by itself.
    pub subject: String,
    /// What the partner is told.
    pub note: Option<String>,
    /// When the activity was; when the protection ends now.
    pub instant: Option<DateTimeUtc>,
}

/// None: rows refer to each other by id, and features read edges in batches.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
