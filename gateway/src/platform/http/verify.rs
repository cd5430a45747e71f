//! `GET /verify/{token}`: what something says that we signed, to whoever holds it. Nobody needs a token of their own.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use super::RequestId;
use super::answer::Answers;
use super::media_type::MediaType;
use crate::error::Result;

/// Knows what was signed.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// What a token says now; `None` when we did not sign it.
    async fn verify(&self, token: &str) -> Result<Option<Value>>;
}

pub(super) fn routes(verifier: Arc<dyn Verifier>) -> Router {
    Router::new().route("/verify/{token}", get(verify)).with_state(verifier)
}

async fn verify(
    State(verifier): State<Arc<dyn Verifier>>,
    Extension(request_id): Extension<RequestId>,
    Path(token): Path<String>,
) -> Response {
    let answers = Answers { request_id: &request_id, form: MediaType::Json };
    match verifier.verify(&token).await {
        Ok(Some(said)) => answers.document(&said),
        Ok(None) => answers.refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "this is nothing that we signed"),
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(cause = format!("{cause:#}"), "a token could not be verified");
            }
            answers.refusal(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "try again in a few seconds")
        }
    }
}
