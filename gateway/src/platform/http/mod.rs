//! The router: `/graphql`, `/webhooks/{name}`, `/ingest/{name}`, `/verify/{token}`, a page to try queries, `/healthz`, `/readyz` and `/metrics`.
//!
//! Here: everything between a socket and the schema: limits, time-outs, who calls, which request it was, which
//! form the answer takes. Generic over what executes: it knows no schema.
//! Not here: what is answered.

mod admission;
mod answer;
mod answering;
mod cors;
mod documents;
mod event_stream;
mod graphql_endpoint;
mod health;
mod ide;
mod limits;
mod lines;
mod media_type;
mod members;
mod metrics;
mod request_id;
mod serve;
#[cfg(test)]
mod tests;
mod upload;
mod verify;
mod web_socket;
mod webhook;

use std::sync::Arc;

use async_graphql::{Executor, Request};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyDeadlineLayer;

pub use documents::Documents;
pub use health::{Check, Readiness};
pub use ide::{Ide, IdeExample, IdeToken, IdeTokens};
pub use lines::Lines;
pub use serve::serve;
pub use upload::{MOST_LINE_BYTES, Upload, Uploads};
pub use verify::Verifier;
pub use webhook::{MOST_BYTES, Pushed, Receiver, Reply};

use self::admission::Admission;
use super::auth::{Authenticator, Caller};
use super::cache::Cache;
use super::clock::Clock;
use super::config::Server;
use super::metrics::Figures;

/// Puts what a feature needs to know of a request into it: the last step before it is executed.
pub type Prepare = Arc<dyn Fn(Request, Caller, RequestId) -> Request + Send + Sync>;

/// By which a request is found again in logs, traces and answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// What the router serves.
#[derive(Clone)]
pub struct Api<E> {
    /// Executes requests.
    pub executor: E,
    /// Knows callers.
    pub authenticator: Arc<Authenticator>,
    /// What replicas share.
    pub cache: Cache,
    /// Which documents are executed.
    pub documents: Documents,
    /// Prepares requests.
    pub prepare: Prepare,
    /// Tells the time and makes request ids.
    pub clock: Clock,
    /// What must work before traffic is welcome.
    pub readiness: Arc<Readiness>,
    /// What the page for trying queries offers.
    pub ide: Ide,
    /// Takes what other systems push.
    pub webhooks: Arc<dyn Receiver>,
    /// Takes what callers send line by line.
    pub uploads: Arc<dyn Uploads>,
    /// Knows what was signed.
    pub verifier: Arc<dyn Verifier>,
    /// What has figures for monitoring.
    pub figures: Arc<[Arc<dyn Figures>]>,
}

/// Builds the router.
pub fn router<E: Executor>(api: Api<E>, config: &Server) -> Router {
    let admission = Arc::new(Admission::new(config.limits, api.cache.clone()));
    let graphql = Router::new()
        .route("/graphql", get(graphql_endpoint::get::<E>).post(graphql_endpoint::post::<E>))
        .method_not_allowed_fallback(graphql_endpoint::method_not_allowed)
        .layer(DefaultBodyLimit::max(config.limits.body_bytes))
        .layer(RequestBodyDeadlineLayer::new(config.body_timeout))
        .with_state(Arc::new(graphql_endpoint::Endpoint::new(&api, config, Arc::clone(&admission))))
        .layer(cors::layer(&config.cors_origins));
    let uploads = upload::routes(&api, config, admission);
    let pushes = webhook::routes(api.webhooks, config);
    let signed = verify::routes(api.verifier);
    let mut router = graphql.merge(health::routes(api.readiness)).merge(pushes).merge(uploads).merge(signed);
    if config.metrics {
        router = router.merge(metrics::routes(api.figures));
    }
    if config.ide {
        router = router.merge(ide::routes(api.ide));
    }
    router
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(api.clock, request_id::identify))
}
