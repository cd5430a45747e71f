//! Answers on the wire: one shape for results and for refusals.

use std::collections::BTreeMap;

use async_graphql::{ErrorExtensionValues, Response as Outcome, ServerError, Value};
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::RequestId;
use super::admission::TooMuch;
use super::media_type::MediaType;
use crate::platform::auth::Unauthenticated;
use crate::platform::graphql::executor::has_begun;

/// What a body holds. Request errors come without `data`: nothing was executed.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    extensions: BTreeMap<String, Value>,
}

/// Writes answers to one request.
pub(super) struct Answers<'a> {
    /// The request.
    pub(super) request_id: &'a RequestId,
    /// The form its sender wishes.
    pub(super) form: MediaType,
}

impl Answers<'_> {
    /// The result of an execution, or of the checks before it when it did not begin.
    pub(super) fn result(&self, result: Outcome) -> Response {
        let has_begun = has_begun(&result);
        let refused_by_method = result.errors.iter().any(|it| code_of(it) == Some("METHOD_NOT_ALLOWED"));
        let status = match self.form {
            _ if has_begun => StatusCode::OK,
            _ if refused_by_method => StatusCode::METHOD_NOT_ALLOWED,
            MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
            MediaType::Json | MediaType::EventStream => StatusCode::OK,
        };
        let data = has_begun.then_some(&result.data);
        let mut response = self.write(status, &result.errors, data, result.extensions);
        response.headers_mut().extend(result.http_headers);
        if refused_by_method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }

    /// A refusal of the request itself.
    pub(super) fn refusal(&self, status: StatusCode, code: &str, message: impl ToString) -> Response {
        self.write(status, &[self.error(code, message)], None, BTreeMap::new())
    }

    /// A refusal of what the request asks for, like one of its document.
    pub(super) fn unexecuted(&self, code: &str, message: impl ToString) -> Response {
        self.result(Outcome::from_errors(vec![self.error(code, message)]))
    }

    /// A refusal of the caller for now.
    pub(super) fn too_much(&self, why: TooMuch) -> Response {
        let mut response = self.refusal(StatusCode::TOO_MANY_REQUESTS, why.into(), why);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(why.retry_after()));
        response
    }

    /// One of many answers to the same request, as JSON.
    pub(super) fn part(&self, result: &Outcome) -> String {
        let data = (result.data != Value::Null).then_some(&result.data);
        text(&self.content(&result.errors, data, result.extensions.clone()))
    }

    /// A refusal to go on, as JSON.
    pub(super) fn refused_part(&self, code: &str, message: impl ToString) -> String {
        text(&self.content(&[self.error(code, message)], None, BTreeMap::new()))
    }

    /// Errors of a request, as JSON.
    pub(super) fn errors(&self, errors: &[ServerError]) -> String {
        serde_json::to_string(errors).expect("errors are JSON")
    }

    /// A refusal of a request, as JSON.
    pub(super) fn refused_errors(&self, code: &str, message: impl ToString) -> String {
        self.errors(&[self.error(code, message)])
    }

    fn error(&self, code: &str, message: impl ToString) -> ServerError {
        let mut error = ServerError::new(message.to_string(), None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        extensions.set("requestId", self.request_id.0.as_str());
        error.extensions = Some(extensions);
        error
    }

    /// A refusal of the caller.
    pub(super) fn unauthenticated(&self, why: Unauthenticated) -> Response {
        if why == Unauthenticated::Unavailable {
            return self.refusal(StatusCode::SERVICE_UNAVAILABLE, why.code(), why);
        }
        let mut response = self.refusal(StatusCode::UNAUTHORIZED, why.code(), why);
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(why.challenge()));
        response
    }

    fn write(
        &self,
        status: StatusCode,
        errors: &[ServerError],
        data: Option<&Value>,
        extensions: BTreeMap<String, Value>,
    ) -> Response {
        self.send(status, text(&self.content(errors, data, extensions)))
    }

    /// What something else than the graph answers, as JSON.
    pub(super) fn document(&self, document: &impl Serialize) -> Response {
        self.send(StatusCode::OK, text(document))
    }

    fn send(&self, status: StatusCode, body: String) -> Response {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        // What ends before it streams is an answer like any other.
        let form = if self.form == MediaType::EventStream { MediaType::Json } else { self.form };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.name()));
        // What one caller sees is no other's business, nor a proxy's.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn content<'a>(
        &self,
        errors: &'a [ServerError],
        data: Option<&'a Value>,
        mut extensions: BTreeMap<String, Value>,
    ) -> Content<'a> {
        extensions.insert("requestId".to_owned(), self.request_id.0.as_str().into());
        Content { errors, data, extensions }
    }
}

fn text(content: &impl Serialize) -> String {
    serde_json::to_string(content).expect("answers are JSON")
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}
