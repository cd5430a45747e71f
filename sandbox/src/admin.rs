//! The switches behind the CRM: faults, clock, recycle bin, counters.
//!
//! The same as a handle in process ([`Admin`]) and under `/admin` over HTTP, which is no part of
//! the vendor's API and answers local callers only, or callers with the admin token.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::faults::{Fault, Faults};
use crate::jobs::Polls;
use crate::oauth::bearer;
use crate::org::duplicates::DuplicateRule;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::rest::Answer;
use crate::rest::error::{ApiError, Code};
use crate::state::State;

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

/// Answers a request under `/admin`.
pub(crate) fn answer(
    state: &Arc<State>,
    method: &str,
    path: &[String],
    headers: &HeaderMap,
    body: &[u8],
    is_local: bool,
) -> Answer {
    let is_allowed = match &state.admin_token {
        Some(token) => bearer(headers) == Some(token),
        None => is_local,
    };
    if !is_allowed {
        return Answer::json(
            403,
            &json!({"error": "admin endpoints need the admin token, or a local caller"}),
        );
    }
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match route(&Admin(state.clone()), method, &path, body) {
        Ok(body) => Answer::json(200, &body),
        Err(Error::Refused { code: "NOT_FOUND", message }) => Answer::json(404, &json!({"error": message})),
        Err(error) => Answer::json(400, &json!({"error": error.to_string()})),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldName {
    object: String,
    field: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordName {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversion {
    id: String,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    master: String,
    losers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BulkPolls {
    polls: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowLock {
    hold_millis: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    used: u64,
}

fn route(admin: &Admin, method: &str, path: &[&str], body: &[u8]) -> Result<Json, Error> {
    match (method, path) {
        ("GET", ["faults"]) => return Ok(json!(admin.faults().pending())),
        ("POST", ["faults"]) => admin.faults().inject(read::<Fault>(body)?),
        ("DELETE", ["faults"]) => admin.faults().clear(),
        ("GET", ["clock"]) => return Ok(json!({"now": admin.now().to_rfc3339()})),
        ("POST", ["clock"]) => admin.advance(Duration::from_secs(read::<Advance>(body)?.advance_seconds)),
        ("GET", ["requests"]) => return Ok(json!(admin.requests())),
        ("DELETE", ["requests"]) => admin.reset_requests(),
        ("DELETE", ["sessions"]) => admin.end_sessions(),
        ("POST", ["refresh-tokens"]) => return Ok(json!({"refresh_token": admin.refresh_token()})),
        ("POST", ["api-usage"]) => admin.set_api_used(read::<Used>(body)?.used),
        ("POST", ["bulk-polls"]) => admin.set_bulk_polls(read::<BulkPolls>(body)?.polls),
        ("POST", ["duplicate-rules"]) => admin.set_duplicate_rule(read(body)?)?,
        ("POST", ["row-locks"]) => {
            admin.hold_row_locks(Duration::from_millis(read::<RowLock>(body)?.hold_millis));
        }
        ("POST", ["fields", "hide"]) => {
            let it: FieldName = read(body)?;
            admin.hide_field(&it.object, &it.field)?;
        }
        ("POST", ["fields", "show"]) => {
            let it: FieldName = read(body)?;
            admin.show_field(&it.object, &it.field)?;
        }
        ("POST", ["records", "undelete"]) => admin.undelete(&read::<RecordName>(body)?.id)?,
        ("POST", ["records", "purge"]) => admin.purge(&read::<RecordName>(body)?.id)?,
        ("POST", ["records", "touch"]) => admin.touch(&read::<RecordName>(body)?.id)?,
        ("POST", ["records", "convert"]) => {
            let it: Conversion = read(body)?;
            let [account, contact, opportunity] = admin.convert_lead(&it.id, it.account.as_deref())?;
            return Ok(json!({"accountId": account, "contactId": contact, "opportunityId": opportunity}));
        }
        ("POST", ["records", "merge"]) => {
            let it: Merge = read(body)?;
            admin.merge(&it.master, &it.losers.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        _ => return Err(refused(ApiError::not_found())),
    }
    Ok(json!({"ok": true}))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| refused(ApiError::new(Code::JsonParserError, error.to_string())))
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
