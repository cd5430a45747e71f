//! What Salesforce's failures mean.
//!
//! Here: status and code → [`ConnectorError`]. Their messages are read, never repeated: they quote values.
//! Not here: what to do then (`crate::recovery`).

use reqwest::StatusCode;
use serde::Deserialize;

use crate::error::ConnectorError;
use crate::http::Answer;

/// One entry of the array that REST errors are.
#[derive(Debug, Default, Deserialize)]
struct Fault {
    #[serde(default, rename = "errorCode")]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    fields: Vec<String>,
}

/// What was asked for, as far as a failure depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Read,
    Write,
    /// A write that must not be repeated as long as nobody knows whether it happened.
    Create,
}

/// The meaning of an answer that is no success.
pub(super) fn meaning(answer: &Answer, subject: &str, intent: Intent) -> ConnectorError {
    let fault = first_fault(&answer.body);
    let (host, status) = (answer.host.clone(), answer.status);
    match status {
        StatusCode::UNAUTHORIZED => ConnectorError::SessionRefused { code: safe_code(&fault.code) },
        // An edge in front of Salesforce says 420, as some do for 429.
        _ if matches!(status.as_u16(), 420 | 429) => {
            ConnectorError::Throttled { host, retry_after: answer.retry_after() }
        }
        // 406 without JSON: the org is moving between instances ("setting things up").
        _ if status.is_server_error() || (status == StatusCode::NOT_ACCEPTABLE && fault.code.is_empty()) => {
            ConnectorError::Unavailable { host, status: status.as_u16(), retry_after: answer.retry_after() }
        }
        StatusCode::PRECONDITION_FAILED => conflict(subject),
        StatusCode::NOT_FOUND => ConnectorError::NotFound { subject: subject.to_owned() },
        StatusCode::FORBIDDEN => refused_access(answer, &fault, subject),
        _ if status.is_redirection() => answer.garbled("an unexpected redirect"),
        _ if fault.code.is_empty() => answer.garbled(&format!("HTTP {status} without an error code")),
        _ => by_code(fault, subject, intent),
    }
}

fn by_code(fault: Fault, subject: &str, intent: Intent) -> ConnectorError {
    let subject = subject.to_owned();
    let code = safe_code(&fault.code);
    match code.as_str() {
        "INVALID_QUERY_LOCATOR" => ConnectorError::CursorEnded,
        "QUERY_TIMEOUT" => ConnectorError::QueryTimeout { object: subject },
        "UNABLE_TO_LOCK_ROW" => ConnectorError::Locked { subject },
        // A trigger failed; some wrap the lock they could not get.
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if fault.message.contains("UNABLE_TO_LOCK_ROW") => {
            ConnectorError::Locked { subject }
        }
        "DUPLICATES_DETECTED" | "DUPLICATE_VALUE" => ConnectorError::DuplicateBlocked { subject },
        "ENTITY_IS_DELETED" => ConnectorError::NotFound { subject },
        "CANNOT_UPDATE_CONVERTED_LEAD" | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            ConnectorError::Protected { subject, code }
        }
        _ if intent != Intent::Read => ConnectorError::Refused { subject, code, fields: safe_fields(&fault) },
        _ => ConnectorError::Rejected { subject, code },
    }
}

/// 403 is three things: no permission, the daily allowance spent, or too many long calls at once.
fn refused_access(answer: &Answer, fault: &Fault, subject: &str) -> ConnectorError {
    let (subject, code) = (subject.to_owned(), safe_code(&fault.code));
    match code.as_str() {
        "REQUEST_LIMIT_EXCEEDED" if fault.message.contains("Concurrent") => {
            ConnectorError::Throttled { host: answer.host.clone(), retry_after: answer.retry_after() }
        }
        "REQUEST_LIMIT_EXCEEDED" => {
            let (used, limit) = answer.header(LIMIT_HEADER).and_then(usage).unwrap_or_default();
            ConnectorError::BudgetSpent { used, limit }
        }
        "INSUFFICIENT_ACCESS_OR_READONLY" | "INSUFFICIENT_ACCESS" => {
            ConnectorError::Protected { subject, code }
        }
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD" => ConnectorError::CredentialsRefused { code },
        _ => ConnectorError::Forbidden { subject, code },
    }
}

fn conflict(subject: &str) -> ConnectorError {
    let (object, external_id) = subject.split_once(' ').unwrap_or((subject, ""));
    ConnectorError::Conflict { object: object.to_owned(), external_id: external_id.to_owned() }
}

/// Where each answer tells the allowance.
pub(super) const LIMIT_HEADER: &str = "sforce-limit-info";

/// Used and allowed requests, from `api-usage=18/15000; per-app-api-usage=17/250(appName=x)`.
pub(super) fn usage(header: &str) -> Option<(u64, u64)> {
    let usage = header.split([';', ',']).find_map(|it| it.trim().strip_prefix("api-usage="))?;
    let (used, limit) = usage.split_once('/')?;
    Some((used.trim().parse().ok()?, limit.trim().parse().ok()?))
}

/// An error of the token endpoint: an object, not an array.
pub(super) fn meaning_of_token_error(answer: &Answer) -> ConnectorError {
    #[derive(Deserialize)]
    struct TokenFault {
        error: String,
    }
    let host = answer.host.clone();
    match serde_json::from_slice::<TokenFault>(&answer.body) {
        Ok(fault) if fault.error == "rate_limit_exceeded" => {
            ConnectorError::Throttled { host, retry_after: answer.retry_after() }
        }
        Ok(fault) if answer.status.is_client_error() => {
            ConnectorError::CredentialsRefused { code: safe_code(&fault.error) }
        }
        _ if matches!(answer.status.as_u16(), 420 | 429) => {
            ConnectorError::Throttled { host, retry_after: answer.retry_after() }
        }
        _ if answer.status.is_server_error() => ConnectorError::Unavailable {
            host,
            status: answer.status.as_u16(),
            retry_after: answer.retry_after(),
        },
        _ => answer.garbled(&format!("HTTP {} from the token address; check `login_url`", answer.status)),
    }
}

fn first_fault(body: &[u8]) -> Fault {
    let faults: Vec<Fault> = serde_json::from_slice(body).unwrap_or_default();
    faults.into_iter().next().unwrap_or_default()
}

/// A code is an identifier. Anything else may be a value, and stays out of messages.
fn safe_code(text: &str) -> String {
    if is_identifier(text) { text.to_owned() } else { "no code".to_owned() }
}

fn safe_fields(fault: &Fault) -> Vec<String> {
    fault.fields.iter().filter(|it| is_identifier(it)).cloned().collect()
}

fn is_identifier(text: &str) -> bool {
    (1..=80).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::*;
    use crate::recovery::Recovery;

    fn answer(status: u16, body: &str) -> Answer {
        let headers = HeaderMap::from_iter([(
            "sforce-limit-info".parse().unwrap(),
            HeaderValue::from_static("api-usage=100/100"),
        )]);
        Answer {
            host: "crm".to_owned(),
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.into(),
        }
    }

    fn check(status: u16, code: &str, message: &str, expected: &str, is_transient: bool) {
        let body = format!(r#"[{{"errorCode":"{code}","message":"{message}","fields":["LastName"]}}]"#);
        let error = meaning(&answer(status, &body), "Lead 00Q", Intent::Write);
        assert_eq!((error.code(), error.is_transient()), (expected, is_transient), "{status} {code}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn each_failure_has_its_meaning() {
        check(401, "INVALID_SESSION_ID", "Session expired", "INVALID_SESSION_ID", false);
        check(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "BUDGET_SPENT", false);
        check(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", "THROTTLED", true);
        check(403, "API_DISABLED_FOR_ORG", "", "API_DISABLED_FOR_ORG", false);
        check(404, "ENTITY_IS_DELETED", "entity is deleted", "NOT_FOUND", false);
        check(412, "PRECONDITION_FAILED", "", "CONFLICT", false);
        check(400, "UNABLE_TO_LOCK_ROW", "", "LOCKED", true);
        check(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "trigger: UNABLE_TO_LOCK_ROW", "LOCKED", true);
        check(400, "INVALID_QUERY_LOCATOR", "", "CURSOR_ENDED", false);
        check(400, "STRING_TOO_LONG", "Last Name: data value too large: secret", "STRING_TOO_LONG", false);
        check(400, "CANNOT_UPDATE_CONVERTED_LEAD", "", "CANNOT_UPDATE_CONVERTED_LEAD", false);
        check(400, "DUPLICATES_DETECTED", "secret", "DUPLICATE_BLOCKED", false);
        check(500, "UNKNOWN_EXCEPTION", "secret", "UNAVAILABLE", true);
        check(429, "", "", "THROTTLED", true);
    }

    #[test]
    fn a_page_of_the_edge_is_an_outage_or_garbled() {
        let html = "<html>setting things up</html>";
        assert_eq!(meaning(&answer(503, html), "Lead", Intent::Read).code(), "UNAVAILABLE");
        assert_eq!(meaning(&answer(406, html), "Lead", Intent::Read).code(), "UNAVAILABLE");
        assert_eq!(meaning(&answer(400, html), "Lead", Intent::Read).code(), "GARBLED_ANSWER");
        assert_eq!(meaning(&answer(302, html), "Lead", Intent::Read).code(), "GARBLED_ANSWER");
    }

    #[test]
    fn wrong_credentials_wait_for_somebody() {
        let error = meaning_of_token_error(&answer(400, r#"{"error":"invalid_client_id"}"#));
        assert_eq!((error.code(), error.recovery()), ("invalid_client_id", Recovery::WaitForCredentials));
        assert!(meaning_of_token_error(&answer(502, "<html>")).is_transient());
        assert!(meaning_of_token_error(&answer(400, r#"{"error":"rate_limit_exceeded"}"#)).is_transient());
    }

    #[test]
    fn the_allowance_is_read_with_and_without_company() {
        assert_eq!(usage("api-usage=18/15000"), Some((18, 15_000)));
        assert_eq!(usage("api-usage=18/15000; per-app-api-usage=17/250(appName=x)"), Some((18, 15_000)));
        assert_eq!(usage("per-app-api-usage=17/250"), None);
    }
}
