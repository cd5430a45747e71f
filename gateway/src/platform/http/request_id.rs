//! Every request has an id: the caller's, if it sent a usable one, or a new one. The answer carries it back.
//!
//! Here: the id, the span that everything of the request is logged under, and one line when it is answered.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::RequestId;
use crate::platform::clock::Clock;
use crate::platform::telemetry;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over.
const LONGEST: usize = 64;

/// The middleware.
pub(super) async fn identify(State(clock): State<Clock>, mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| clock.new_id::<Uuid>().to_string());
    let value =
        HeaderValue::from_str(&id).expect("ids are ASCII letters, digits, dots, dashes and underscores");
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        request.id = id,
        graphql.operation.name = tracing::field::Empty,
        http.request.method = %request.method(),
        url.path = path,
        http.response.status_code = tracing::field::Empty,
    );
    telemetry::continue_trace(&span, request.headers());
    request.extensions_mut().insert(RequestId(id));

    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    response.headers_mut().insert(HEADER, value);
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let milliseconds = started.elapsed().as_secs_f64() * 1_000.0;
    match path.as_str() {
        // Asked every few seconds by whoever runs us.
        "/healthz" | "/readyz" => span.in_scope(|| tracing::debug!(status, milliseconds, "answered")),
        _ => span.in_scope(|| tracing::info!(status, milliseconds, "answered")),
    }
    response
}

/// The caller's id. Whatever could break a log line or a header is not taken over.
fn given(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let is_usable = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_');
    ((1..=LONGEST).contains(&id.len()) && id.bytes().all(is_usable)).then(|| id.to_owned())
}
