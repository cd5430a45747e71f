//! The switches behind the CRM: faults, clock, recycle bin, counters.
//!
//! The same as a handle in process ([`Admin`]) and under `/admin` over HTTP, which is no part of
//! the vendor's API and answers local callers only, or callers with the admin token.

mod http;
mod scenario;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::faults::Faults;
use crate::jobs::Polls;
use crate::org::duplicates::DuplicateRule;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::push::{self, Webhook};
use crate::rest::error::{ApiError, Code};
use crate::state::State;

pub(crate) use http::answer;
pub(crate) use scenario::carry_out;

/// A handle on a running sandbox; clones control the same one.
#[derive(Debug, Clone)]
pub struct Admin(pub(crate) Arc<State>);

impl Admin {
    /// The fault switches.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The org's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Moves the org's clock forward; sessions and cursors grow old with it.
    pub fn advance(&self, length: Duration) {
        self.0.clock.advance(i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    }

    /// Ends every session, so that each client must log in again.
    pub fn end_sessions(&self) {
        self.0.login.sessions.end_all();
    }

    /// A refresh token of the integration user, as a web login would have given it.
    pub fn refresh_token(&self) -> String {
        self.0.login.sessions.issue_refresh_token(RecordId::new(Object::User, 1))
    }

    /// How many times a bulk job says that it is under way before it is done.
    pub fn set_bulk_polls(&self, polls: u32) {
        self.0.jobs().polls = Polls(polls);
    }

    /// Requests so far, by method and resource, such as `GET query`.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.0.requests().clone()
    }

    /// Starts counting requests anew.
    pub fn reset_requests(&self) {
        self.0.requests().clear();
    }

    /// API calls used of the budget, and the budget.
    pub fn api_usage(&self) -> (u64, u64) {
        self.0.budget.usage()
    }

    /// As if so many API calls had been made today.
    pub fn set_api_used(&self, used: u64) {
        self.0.budget.set_used(used, self.0.clock.seconds());
    }

    /// Takes a field away from the integration user, by field-level security.
    ///
    /// # Errors
    /// When there is no such object or field.
    pub fn hide_field(&self, object: &str, field: &str) -> Result<(), Error> {
        self.set_visibility(object, field, false)
    }

    /// Gives a hidden field back.
    ///
    /// # Errors
    /// When there is no such object or field.
    pub fn show_field(&self, object: &str, field: &str) -> Result<(), Error> {
        self.set_visibility(object, field, true)
    }

    /// Sets a duplicate rule in place of any other on its object.
    ///
    /// # Errors
    /// When there is no such object or field.
    pub fn set_duplicate_rule(&self, rule: DuplicateRule) -> Result<(), Error> {
        match self.0.org_mut().set_duplicate_rule(&rule) {
            true => Ok(()),
            false => Err(refused(ApiError::new(Code::InvalidField, "the rule names what is not there"))),
        }
    }

    /// How long a write keeps its record and its parents locked against other requests. Zero switches locks off.
    pub fn hold_row_locks(&self, length: Duration) {
        self.0.org_mut().locks.hold = length;
    }

    /// From now on, tells an address of changes. To be called within a runtime.
    ///
    /// # Errors
    /// When no client for it can be built.
    pub fn push_to(&self, webhook: Webhook) -> Result<(), Error> {
        push::subscribe(&self.0, webhook)
    }

    /// How many changes have not been told yet.
    pub fn undelivered(&self) -> usize {
        self.0.org().feed.undelivered()
    }

    /// Whether each use of a refresh token brings a new one, and ends the old one.
    pub fn rotate_refresh_tokens(&self, rotates: bool) {
        self.0.login.sessions.set_rotation(rotates);
    }

    /// Empties the recycle bin, and forgets what was ever deleted: the list of deletions begins anew.
    ///
    /// # Errors
    /// None that can be helped.
    pub fn purge_deleted(&self) -> Result<(), Error> {
        self.0.org_mut().purge_deleted().map_err(refused)
    }

    /// Takes a record out of the recycle bin.
    ///
    /// # Errors
    /// When it is not there, or its unique values are in use again.
    pub fn undelete(&self, id: &str) -> Result<(), Error> {
        let id = record(id)?;
        self.0.org_mut().undelete(id, integration_user()).map_err(refused)
    }

    /// Removes a record from the recycle bin for good.
    ///
    /// # Errors
    /// When it is not there.
    pub fn purge(&self, id: &str) -> Result<(), Error> {
        let id = record(id)?;
        self.0.org_mut().purge(id).map_err(refused)
    }

    /// Moves a record's `SystemModstamp` alone, as the CRM's own processes do.
    ///
    /// # Errors
    /// When there is no such live record.
    pub fn touch(&self, id: &str) -> Result<(), Error> {
        let id = record(id)?;
        self.0.org_mut().touch(id).map_err(refused)
    }

    /// Converts a lead into a contact and an opportunity at `account`, or at a new account.
    /// Answers the ids of account, contact and opportunity.
    ///
    /// # Errors
    /// When the lead is not there or already converted.
    pub fn convert_lead(&self, lead: &str, account: Option<&str>) -> Result<[String; 3], Error> {
        let (lead, account) = (record(lead)?, account.map(record).transpose()?);
        let converted = self.0.org_mut().convert_lead(lead, account, integration_user());
        let converted = converted.map_err(|it| refused_first(&it))?;
        Ok([converted.account, converted.contact, converted.opportunity].map(|it| it.to_string()))
    }

    /// Merges one or two records into a master of the same object.
    ///
    /// # Errors
    /// When any of them is not there, or the object cannot be merged.
    pub fn merge(&self, master: &str, losers: &[&str]) -> Result<(), Error> {
        let master = record(master)?;
        let losers = losers.iter().map(|it| record(it)).collect::<Result<Vec<_>, _>>()?;
        self.0.org_mut().merge(master, &losers, integration_user()).map_err(refused)
    }

    fn set_visibility(&self, object: &str, field: &str, visible: bool) -> Result<(), Error> {
        let is_known =
            Object::named(object).is_some_and(|it| self.0.org_mut().set_visibility(it, field, visible));
        if !is_known {
            return Err(refused(ApiError::new(
                Code::InvalidField,
                format!("No such column '{field}' on {object}"),
            )));
        }
        self.0.schema_changed();
        Ok(())
    }
}

fn record(text: &str) -> Result<RecordId, Error> {
    RecordId::parse(text).ok_or_else(|| refused(ApiError::not_found()))
}

fn integration_user() -> RecordId {
    RecordId::new(Object::User, 1)
}

fn refused(error: ApiError) -> Error {
    Error::Refused { code: error.code.text(), message: error.message }
}

fn refused_first(errors: &[ApiError]) -> Error {
    refused(errors.first().cloned().unwrap_or_else(ApiError::not_found))
}
