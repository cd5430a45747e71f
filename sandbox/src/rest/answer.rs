//! One answer before it becomes HTTP.

use serde_json::Value as Json;

use super::error::ApiError;

/// Status, headers and a body that is complete in memory.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Besides the content type.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// JSON, or nothing.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Json) -> Answer {
        Answer::bytes(status, body.to_string().into_bytes())
    }

    pub(crate) fn bytes(status: u16, body: Vec<u8>) -> Answer {
        Answer { status, headers: Vec::new(), body }
    }

    pub(crate) fn empty(status: u16) -> Answer {
        Answer::bytes(status, Vec::new())
    }

    /// The error array.
    pub(crate) fn errors(errors: &[ApiError]) -> Answer {
        let status = errors.first().map_or(500, |it| it.code.status());
        let body = Json::Array(errors.iter().map(ApiError::to_json).collect());
        let answer = Answer::json(status, &body);
        if status == 401 { answer.with("WWW-Authenticate", "Token") } else { answer }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
