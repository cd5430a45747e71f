//! What came back over HTTP.
//!
//! Here: status, headers, body, and the clock of the server. Not here: what a body means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::de::DeserializeOwned;

use crate::error::ConnectorError;

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) host: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's clock when it answered. Ours is never asked: it is not theirs.
    pub(crate) fn server_time(&self) -> Result<DateTime<Utc>, ConnectorError> {
        self.header(DATE.as_str()).and_then(http_date).ok_or_else(|| self.garbled("no Date header"))
    }

    /// How long the server asks us to wait: seconds, or an instant by its own clock.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER.as_str())?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        (http_date(text)? - self.server_time().ok()?).to_std().ok()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&str, ConnectorError> {
        std::str::from_utf8(&self.body).map_err(|_| self.garbled("not UTF-8"))
    }

    /// The body as JSON of a known shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ConnectorError> {
        serde_json::from_slice(&self.body).map_err(|it| self.unreadable(&it))
    }

    /// The error for JSON that is cut off or of another shape. Says where, never what: it may be personal.
    pub(crate) fn unreadable(&self, error: &serde_json::Error) -> ConnectorError {
        let what = if error.is_eof() { "cut off" } else { "not the JSON we expect" };
        self.garbled(&format!("{what}, line {} column {}", error.line(), error.column()))
    }

    /// The error for an answer that cannot be used.
    pub(crate) fn garbled(&self, problem: &str) -> ConnectorError {
        ConnectorError::Garbled { host: self.host.clone(), problem: problem.to_owned() }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|it| it.with_timezone(&Utc))
}

/// The form of an instant in HTTP headers, in whole seconds.
pub(crate) fn to_http_date(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&'static str, &'static str)]) -> Answer {
        let entry = |&(name, value): &(&'static str, &'static str)| {
            (name.parse().unwrap(), reqwest::header::HeaderValue::from_static(value))
        };
        let headers = headers.iter().map(entry).collect();
        Answer { host: "crm".to_owned(), status: StatusCode::OK, headers, body: Vec::new() }
    }

    #[test]
    fn a_date_survives_its_header() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(to_http_date(http_date(text).unwrap()), text);
    }

    #[test]
    fn a_wait_is_seconds_or_an_instant_by_the_servers_clock() {
        assert_eq!(answer(&[("retry-after", "7")]).retry_after(), Some(Duration::from_secs(7)));
        let dated =
            [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")];
        assert_eq!(answer(&dated).retry_after(), Some(Duration::from_secs(30)));
        assert_eq!(answer(&[("retry-after", "soon")]).retry_after(), None);
    }
}
