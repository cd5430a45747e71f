//! The switches over HTTP, under `/admin`.
//!
//! Here: which call turns which switch. Not here: the switches (`super`).

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::{Admin, refused};
use crate::error::Error;
use crate::faults::Fault;
use crate::oauth::bearer;
use crate::rest::Answer;
use crate::rest::error::{ApiError, Code};
use crate::state::State;

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
struct Switch {
    on: bool,
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
        ("POST", ["webhooks"]) => admin.push_to(read(body)?)?,
        ("POST", ["refresh-token-rotation"]) => admin.rotate_refresh_tokens(read::<Switch>(body)?.on),
        ("POST", ["purge-deleted"]) => admin.purge_deleted()?,
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
