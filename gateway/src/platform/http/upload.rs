//! `POST /ingest/{name}`: lines that callers send, as many as they like.
//!
//! Here: who calls, and the lines, taken as fast as they are worked. Who may send what, and what is answered, is its taker's
//! business.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Path, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::admission::Admission;
use super::answer::Answers;
use super::lines::Lines;
use super::media_type::MediaType;
use super::{Api, RequestId};
use crate::error::{Error, FORBIDDEN, Result};
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::clock::Clock;
use crate::platform::config::Server;

/// Something that is sent line by line.
pub struct Upload {
    /// To which name.
    pub name: String,
    /// Who sends it.
    pub caller: Caller,
    /// By which it is found again.
    pub request_id: RequestId,
    /// What.
    pub lines: Lines<axum::Error>,
}

/// Takes what is sent line by line.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// Takes all lines, and answers what became of them.
    async fn take(&self, upload: Upload) -> Result<Value>;
}

struct Endpoint {
    uploads: Arc<dyn Uploads>,
    authenticator: Arc<Authenticator>,
    clock: Clock,
    admission: Arc<Admission>,
}

/// Longest line that a taker is given whole.
pub const MOST_LINE_BYTES: usize = 64 * 1024;

pub(super) fn routes<E>(api: &Api<E>, config: &Server, admission: Arc<Admission>) -> Router {
    let endpoint = Endpoint {
        uploads: Arc::clone(&api.uploads),
        authenticator: Arc::clone(&api.authenticator),
        clock: api.clock.clone(),
        admission,
    };
    Router::new()
        .route("/ingest/{name}", post(receive))
        .layer(DefaultBodyLimit::disable())
        // Between two chunks: the whole may take as long as it likes.
        .layer(RequestBodyTimeoutLayer::new(config.body_timeout))
        .with_state(Arc::new(endpoint))
}

async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
    Extension(request_id): Extension<RequestId>,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let answers = Answers { request_id: &request_id, form: MediaType::Json };
    let header = headers.get(AUTHORIZATION).map(|it| it.as_bytes());
    let caller = match endpoint.authenticator.authenticate(header, endpoint.clock.now()).await {
        Ok(caller) => caller,
        Err(why) => return answers.unauthenticated(why),
    };
    // An upload is one operation for as long as it lasts.
    let _place = match endpoint.admission.enter(&caller, endpoint.clock.now()).await {
        Ok(place) => place,
        Err(why) => return answers.too_much(why),
    };
    let language = caller.language;
    let lines = Lines::of(Body::into_data_stream(request.into_body()), MOST_LINE_BYTES);
    let upload = Upload { name, caller, request_id: request_id.clone(), lines };
    match endpoint.uploads.take(upload).await {
        Ok(answer) => answers.document(&answer),
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(cause = format!("{cause:#}"), "an upload failed");
            }
            answers.refusal(status(&error), error.code(), error.message(language))
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Refused { code, .. } if *code == FORBIDDEN => StatusCode::FORBIDDEN,
        Error::Refused { code: "NOT_FOUND", .. } => StatusCode::NOT_FOUND,
        Error::Refused { .. } => StatusCode::BAD_REQUEST,
        Error::Unavailable(..) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
