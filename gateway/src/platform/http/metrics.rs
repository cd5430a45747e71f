//! `/metrics`: figures for monitoring.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::platform::metrics::{self, Figures};

/// What the text is (OpenMetrics 1.0).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes(figures: Arc<[Arc<dyn Figures>]>) -> Router {
    Router::new().route("/metrics", get(all)).with_state(figures)
}

async fn all(State(figures): State<Arc<[Arc<dyn Figures>]>>) -> Response {
    match metrics::text(&figures).await {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the figures could not be gathered");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
