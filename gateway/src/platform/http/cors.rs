//! Pages of other sites that may call the API from a browser: those on a list, and no others.
//!
//! Nothing here makes a request safe: tokens do, and browsers send none by themselves.

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::CorsLayer;

use super::request_id;

/// How long a browser need not ask again.
const REMEMBERED_FOR: Duration = Duration::from_secs(3_600);

pub(super) fn layer(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|it| it.parse().ok()).collect();
    let traces = ["traceparent", "tracestate"].map(HeaderName::from_static);
    let headers = [ACCEPT, AUTHORIZATION, CONTENT_TYPE, request_id::HEADER].into_iter().chain(traces);
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers.collect::<Vec<_>>())
        .expose_headers([request_id::HEADER, RETRY_AFTER])
        .max_age(REMEMBERED_FOR)
}
