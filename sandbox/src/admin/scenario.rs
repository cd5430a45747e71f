//! Carrying out a scenario.
//!
//! Here: its switches at the start, its events when they are due. Not here: what a file may say (`crate::scenario`).

use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::{Admin, integration_user, refused, refused_first};
use crate::error::Error;
use crate::org::input::Purpose;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::rest::error::{ApiError, Code};
use crate::scenario::{Action, Scenario, chosen};
use crate::state::State;

/// Counts a request, and lets happen what is due before it.
pub(crate) fn carry_out(state: &Arc<State>) {
    let due = state.agenda().meet();
    let admin = Admin(state.clone());
    for (action, dice) in due {
        if let Err(error) = admin.act(&action, dice) {
            tracing::error!(?action, %error, "an event of the scenario could not happen");
        }
    }
}

impl Admin {
    /// Turns the switches of a scenario.
    pub(crate) fn set_up(&self, scenario: &Scenario) -> Result<(), Error> {
        scenario.switches().for_each(|it| self.faults().inject(it));
        if let Some(polls) = scenario.bulk_polls {
            self.set_bulk_polls(polls);
        }
        self.hold_row_locks(Duration::from_millis(scenario.row_lock_millis));
        self.rotate_refresh_tokens(scenario.rotates_refresh_tokens);
        scenario.duplicate_rules.iter().try_for_each(|it| self.set_duplicate_rule(it.clone()))
    }

    fn act(&self, action: &Action, dice: ChaCha8Rng) -> Result<(), Error> {
        match action {
            Action::PurgeDeleted => self.purge_deleted()?,
            Action::EndSessions => self.end_sessions(),
            Action::AdvanceClock { seconds } => self.advance(Duration::from_secs(*seconds)),
            Action::HideField { object, field } => self.hide_field(object, field)?,
            Action::ShowField { object, field } => self.show_field(object, field)?,
            Action::Edit { object, field, count } => {
                for (n, id) in chosen(dice, self.live(object)?, *count).into_iter().enumerate() {
                    self.edit(id, field, &format!("edited by somebody else {n}"))?;
                }
            }
            Action::Delete { object, count } => {
                for id in chosen(dice, self.live(object)?, *count) {
                    self.0.org_mut().delete(id, integration_user()).map_err(refused)?;
                }
            }
        }
        Ok(())
    }

    fn live(&self, object: &str) -> Result<Vec<RecordId>, Error> {
        let unknown = || refused(ApiError::new(Code::InvalidType, format!("there is no object {object}")));
        let object = Object::named(object).ok_or_else(unknown)?;
        Ok(self.0.org().table(object).iter().filter(|it| !it.is_deleted).map(|it| it.id).collect())
    }

    /// Sets a field as somebody in the CRM does. Converted leads stay as they are.
    fn edit(&self, id: RecordId, field: &str, text: &str) -> Result<(), Error> {
        let mut org = self.0.org_mut();
        let body = serde_json::Map::from_iter([(field.to_owned(), text.into())]);
        let changes = org.read_changes(id.object, &body, Purpose::Update).map_err(refused)?;
        match org.update(id, changes, integration_user()) {
            Err(errors) if errors.iter().all(|it| it.code == Code::CannotUpdateConvertedLead) => Ok(()),
            Err(errors) => Err(refused_first(&errors)),
            Ok(()) => Ok(()),
        }
    }
}
