//! What happened to a registration, as the API shows it.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::registrations::{RegistrationStatus, RegistrationStep};
use entity::registrations::registration_event;

/// One thing that happened to a registration.
#[derive(SimpleObject)]
pub struct RegistrationEvent {
    /// When.
    at: DateTime<Utc>,
    /// What.
    step: RegistrationStep,
    /// Where the registration stood afterwards.
    status: RegistrationStatus,
    /// Who did it; `SYSTEM` for what happens by itself. Shown to staff.
    subject: Option<String>,
    /// What was said about it.
    note: Option<String>,
    /// When an activity was; when the protection ends since then.
    instant: Option<DateTime<Utc>>,
}

impl RegistrationEvent {
    /// As staff see it.
    pub(super) fn for_staff(row: registration_event::Model) -> Self {
        Self { subject: Some(row.subject.clone()), ..Self::of(row) }
    }

    /// As its partner sees it. How the vendor works is the vendor's.
    pub(super) fn for_partner(row: registration_event::Model) -> Option<Self> {
        let is_internal = matches!(
            row.step,
            RegistrationStep::Escalated | RegistrationStep::Linked | RegistrationStep::Reviewed
        );
        (!is_internal).then(|| Self::of(row))
    }

    fn of(row: registration_event::Model) -> Self {
        Self {
            at: row.at,
            step: row.step,
            status: row.status,
            subject: None,
            note: row.note,
            instant: row.instant,
        }
    }
}
