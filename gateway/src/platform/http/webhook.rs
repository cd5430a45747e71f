//! `POST /webhooks/{name}`: what other systems push to us.
//!
//! Here: the way in, with its limits on size and time. Who may push, what it means and what is answered is its receiver's
//! business.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::post;
use tower_http::timeout::RequestBodyDeadlineLayer;

use crate::platform::config::Server;

/// Most bytes of a push: a hundred notifications are far smaller.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Something that was pushed.
#[derive(Debug)]
pub struct Pushed {
    /// To which name.
    pub name: String,
    /// With which headers.
    pub headers: HeaderMap,
    /// With which query, as it stands in the address.
    pub query: String,
    /// What.
    pub body: Bytes,
}

/// What is answered.
#[derive(Debug)]
pub struct Reply {
    /// Whether it was taken.
    pub status: StatusCode,
    /// The form of the text.
    pub content_type: &'static str,
    /// Why, or what the other side wants to read.
    pub text: String,
}

/// Takes what is pushed.
#[async_trait]
pub trait Receiver: Send + Sync {
    /// Takes something, and answers once it will not be lost any more.
    async fn receive(&self, pushed: Pushed) -> Reply;
}

impl Reply {
    /// A short text.
    pub fn text(status: StatusCode, text: impl ToString) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", text: text.to_string() }
    }
}

pub(super) fn routes(receiver: Arc<dyn Receiver>, config: &Server) -> Router {
    Router::new()
        .route("/webhooks/{name}", post(receive))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(RequestBodyDeadlineLayer::new(config.body_timeout))
        .with_state(receiver)
}

async fn receive(
    State(receiver): State<Arc<dyn Receiver>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let reply = match Bytes::from_request(request, &()).await {
        Ok(body) => receiver.receive(Pushed { name, headers, query, body }).await,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let text = format!("a push has at most {MOST_BYTES} bytes; send fewer events at once");
            Reply::text(StatusCode::PAYLOAD_TOO_LARGE, text)
        }
        Err(_) => Reply::text(StatusCode::REQUEST_TIMEOUT, "the body did not arrive whole in time"),
    };
    let mut response = Response::new(Body::from(reply.text));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
