//! One request, as the resources see it: already authorized, its path cut into decoded parts.

use axum::http::HeaderMap;
use serde_json::{Map, Value as Json};

use super::error::{ApiError, Code};
use crate::org::record_id::RecordId;

/// The methods the API knows; HEAD is answered as GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Patch,
    Put,
    Delete,
    Other,
}

/// A request under `/services/data/vNN.N`.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// As asked for, such as `v62.0`; answers echo it.
    pub(crate) version: &'a str,
    /// What follows the version, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Whose session this is.
    pub(crate) user: RecordId,
    pub(crate) faults: AnswerFaults,
}

/// What faults do to the answer of a resource.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AnswerFaults {
    /// The next page is this one again.
    pub(crate) duplicated: bool,
    /// The rows come in reverse.
    pub(crate) reordered: bool,
    /// A query that finds more takes too long.
    pub(crate) most_found: Option<usize>,
    /// The bulk job that is made ends in a failure.
    pub(crate) failing_job: bool,
    /// Every row that is written is locked by somebody else.
    pub(crate) locked_rows: bool,
    /// What is written is tidied up.
    pub(crate) reformatted: bool,
}

impl Method {
    pub(crate) fn named(name: &str) -> Method {
        match name.to_ascii_uppercase().as_str() {
            "GET" | "HEAD" => Method::Get,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            _ => Method::Other,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Other => "OTHER",
        }
    }
}

impl Call<'_> {
    /// A query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the client saves what a duplicate rule only warns of.
    pub(crate) fn forces_save(&self) -> bool {
        let header = self.header("sforce-duplicate-rule-header").unwrap_or_default();
        header.split(';').any(|it| it.replace(' ', "").eq_ignore_ascii_case("allowSave=true"))
    }

    /// The body as a JSON object.
    pub(super) fn body_object(&self) -> Result<Map<String, Json>, Vec<ApiError>> {
        match self.body_json()? {
            Json::Object(map) => Ok(map),
            _ => {
                Err(vec![ApiError::new(Code::JsonParserError, "The HTTP entity body must be a JSON object.")])
            }
        }
    }

    /// The body as JSON.
    pub(super) fn body_json(&self) -> Result<Json, Vec<ApiError>> {
        let content_type = self.header("content-type").unwrap_or("application/json");
        if !content_type.to_ascii_lowercase().contains("json") {
            let message =
                format!("Content-Type header specified in HTTP request is not supported: {content_type}");
            return Err(vec![ApiError::new(Code::UnsupportedMediaType, message)]);
        }
        if self.body.is_empty() {
            let message = "The HTTP entity body is required, but this request has no entity body.";
            return Err(vec![ApiError::new(Code::JsonParserError, message)]);
        }
        serde_json::from_slice(self.body).map_err(|error| {
            let message = format!(
                "Unexpected character or end of input at [line:{}, column:{}]",
                error.line(),
                error.column()
            );
            vec![ApiError::new(Code::JsonParserError, message)]
        })
    }
}
