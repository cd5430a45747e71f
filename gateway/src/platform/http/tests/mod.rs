//! The router over a toy schema.
//!
//! Here: the schema and its server. Not here: what is asked of them (`callers`, `requests`).

mod callers;
mod requests;

use std::time::Duration;

use async_graphql::{Object, Schema};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request as HttpRequest, Response, StatusCode, header};
use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use crate::platform::auth::signing::Claims;
use crate::platform::cache::Cache;
use crate::platform::config;
use crate::platform::graphql::executor::Guarded;
use crate::platform::graphql::guard::Guard;
use crate::platform::graphql::measure::Operations;

struct Query;

impl Query {
    fn ping_length(&self) -> Option<bool> {
        None
    }
}

#[Object]
impl Query {
    async fn ping(&self) -> &str {
        "pong"
    }

    async fn echo(&self, text: String) -> String {
        text
    }

    async fn broken(&self) -> Option<async_graphql::Result<bool>> {
        Some(Err("broken".into()))
    }

    async fn fatal(&self) -> async_graphql::Result<bool> {
        Err("fatal".into())
    }

    async fn panics(&self) -> bool {
        self.ping_length().expect("on purpose")
    }

    async fn never(&self) -> bool {
        std::future::pending().await
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn change(&self) -> bool {
        true
    }
}

struct Subscription;

#[async_graphql::Subscription]
impl Subscription {
    async fn numbers(&self, to: u32) -> impl futures::Stream<Item = u32> {
        futures::stream::iter(1..=to)
    }

    async fn silence(&self) -> impl futures::Stream<Item = u32> {
        futures::stream::pending()
    }
}

/// The router with a good token for it.
pub(super) struct Server {
    router: Router,
    pub(super) token: String,
    pub(super) readiness: Arc<Readiness>,
    pub(super) clock: Clock,
    config: config::Server,
}

impl Server {
    async fn new() -> Self {
        Self::with(vec![]).await
    }

    async fn with(checks: Vec<Check>) -> Self {
        let config = config::Server { request_timeout: Duration::from_millis(200), ..Default::default() };
        Self::configured(config, checks).await
    }

    pub(super) async fn configured(config: config::Server, checks: Vec<Check>) -> Self {
        let clock = Clock::standing_at(chrono::DateTime::from_timestamp(1_780_000_000, 0).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let keys = DemoKeys::load_or_make(folder.path()).unwrap();
        let authenticator =
            Authenticator::open(&keys.auth(), &Cache::in_process(), clock.now()).await.unwrap();
        let schema = Schema::build(Query, Mutation, Subscription).limit_depth(config.limits.depth).finish();
        let operations = Operations::new(config::Telemetry::default().slow_operation);
        let readiness = Arc::new(Readiness::new(checks));
        let api = Api {
            executor: Guarded::new(schema.clone(), schema, Guard::new(config.limits), operations),
            authenticator: Arc::new(authenticator),
            cache: Cache::in_process(),
            documents: Documents::Remembered(Cache::in_process()),
            prepare: Arc::new(|request, caller, _| request.data(caller)),
            clock: clock.clone(),
            readiness: Arc::clone(&readiness),
            ide: Ide::default(),
            webhooks: Arc::new(Nobody),
            uploads: Arc::new(Nobody),
            verifier: Arc::new(Nobody),
            figures: Arc::from([]),
        };
        let claims = Claims {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            subject: "ada".to_owned(),
            tenant: "default".to_owned(),
            roles: vec![Role::Admin],
            partner: None,
            scopes: Vec::new(),
            locale: "en".to_owned(),
            issued_at: clock.now(),
            expires_at: clock.now() + TimeDelta::hours(1),
        };
        let token = keys.signer().sign(&claims).unwrap();
        Self { router: router(api, &config), token, readiness, clock, config }
    }

    /// Listens to sockets, for as long as the test takes; gives the address.
    pub(super) async fn listen(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (router, config) = (self.router.clone(), self.config.clone());
        let readiness = Arc::new(Readiness::default());
        tokio::spawn(
            async move { serve(listener, router, &config, readiness, std::future::pending()).await },
        );
        address
    }

    async fn send(&self, request: HttpRequest<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    async fn post(&self, query: &str, accept: &str) -> Answer {
        self.post_body(json!({ "query": query }).to_string(), accept).await
    }

    async fn post_body(&self, body: impl Into<Body>, accept: &str) -> Answer {
        self.send(self.request("application/json", accept).body(body.into()).unwrap()).await
    }

    fn request(&self, content_type: &str, accept: &str) -> axum::http::request::Builder {
        HttpRequest::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, accept)
    }

    async fn get(&self, address: &str) -> Answer {
        let request =
            HttpRequest::get(address).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }

    #[track_caller]
    fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, json!(code)), "{}", self.text);
        assert_eq!(self.json().get("data"), None, "nothing was executed: {}", self.text);
    }
}

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

/// Takes nothing.
struct Nobody;

#[async_trait::async_trait]
impl Receiver for Nobody {
    async fn receive(&self, _: Pushed) -> Reply {
        Reply::text(StatusCode::NOT_FOUND, "nobody")
    }
}

#[async_trait::async_trait]
impl Uploads for Nobody {
    async fn take(&self, _: Upload) -> crate::error::Result<Value> {
        Err(crate::error::NotFound("place").into())
    }
}

#[async_trait::async_trait]
impl Verifier for Nobody {
    async fn verify(&self, _: &str) -> crate::error::Result<Option<Value>> {
        Ok(None)
    }
}
