//! Conditional requests: by modification time on every record, by ETag on accounts.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;

use super::Call;
use super::error::{ApiError, Code};
use crate::org::schema::{Object, ObjectSchema};
use crate::org::table::Record;

/// Whether a read needs a body, after its preconditions hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Changed,
    /// 304.
    NotModified,
}

/// Checks a GET.
pub(super) fn check_read(call: &Call<'_>, record: &Record) -> Result<Freshness, Vec<ApiError>> {
    check_unmodified(call, record)?;
    let since = call.header("if-modified-since").and_then(http_date);
    if since.is_some_and(|since| record.modified_at <= since) {
        return Ok(Freshness::NotModified);
    }
    let Some(tag) = etag(record) else { return Ok(Freshness::Changed) };
    match call.header("if-none-match") {
        Some(tags) if names(tags, &tag) => Ok(Freshness::NotModified),
        _ => Ok(Freshness::Changed),
    }
}

/// Checks a PATCH; dates that cannot be read are refused.
pub(super) fn check_write(call: &Call<'_>, record: &Record) -> Result<(), Vec<ApiError>> {
    if let Some(text) = call.header("if-unmodified-since")
        && http_date(text).is_none()
    {
        let message = format!("Invalid value for header If-Unmodified-Since: {text}");
        return Err(vec![ApiError::new(Code::InvalidField, message)]);
    }
    check_unmodified(call, record)?;
    match (etag(record), call.header("if-none-match")) {
        (Some(tag), Some(tags)) if names(tags, &tag) => Err(failed()),
        _ => Ok(()),
    }
}

/// The entity tag of an account; other objects have none.
pub(super) fn etag(record: &Record) -> Option<String> {
    if record.id.object != Object::Account {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    (record.id, record.modified_at, record.system_modstamp).hash(&mut hasher);
    format!("{:?}", record.row.unpack(ObjectSchema::of(Object::Account).slots)).hash(&mut hasher);
    Some(format!("\"{}\"", STANDARD.encode(hasher.finish().to_be_bytes())))
}

/// Seconds since 1970 of `Tue, 15 Nov 1994 08:12:31 GMT`.
pub(super) fn http_date(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc2822(text).ok().map(|it| it.timestamp())
}

/// The HTTP form of an instant.
pub(crate) fn to_http_date(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn check_unmodified(call: &Call<'_>, record: &Record) -> Result<(), Vec<ApiError>> {
    let since = call.header("if-unmodified-since").and_then(http_date);
    if since.is_some_and(|since| record.modified_at > since) {
        return Err(failed());
    }
    match (etag(record), call.header("if-match")) {
        (Some(tag), Some(tags)) if !names(tags, &tag) => Err(failed()),
        _ => Ok(()),
    }
}

/// Whether a list of tags holds this one; compressed answers carry a suffix clients send back.
fn names(tags: &str, tag: &str) -> bool {
    let plain = |it: &str| it.trim().trim_start_matches("W/").replace("-gzip\"", "\"");
    tags.trim() == "*" || tags.split(',').any(|it| plain(it) == tag)
}

fn failed() -> Vec<ApiError> {
    let message = "The record was changed since it was read: a precondition of the request failed";
    vec![ApiError::new(Code::PreconditionFailed, message)]
}
