//! The router over a toy schema: forms, statuses and refusals, as GraphQL over HTTP wants them.

use std::time::Duration;

use async_graphql::{EmptySubscription, Object, Schema};
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
use crate::platform::graphql::guard::Guard;

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

/// The router with a good token for it.
struct Server {
    router: Router,
    token: String,
    readiness: Arc<Readiness>,
}

impl Server {
    async fn new() -> Self {
        Self::with(vec![]).await
    }

    async fn with(checks: Vec<Check>) -> Self {
        let clock = Clock::default();
        let folder = tempfile::tempdir().unwrap();
        let keys = DemoKeys::load_or_make(folder.path()).unwrap();
        let authenticator =
            Authenticator::open(&keys.auth(), &Cache::in_process(), clock.now()).await.unwrap();
        let config = config::Server { request_timeout: Duration::from_millis(200), ..Default::default() };
        let schema = Schema::build(Query, Mutation, EmptySubscription)
            .extension(Guard::new(config.limits))
            .limit_depth(config.limits.depth)
            .finish();
        let readiness = Arc::new(Readiness::new(checks));
        let api = Api {
            executor: schema,
            authenticator: Arc::new(authenticator),
            prepare: Arc::new(|request, caller, _| request.data(caller)),
            clock: clock.clone(),
            readiness: Arc::clone(&readiness),
            ide: Ide::default(),
            webhooks: Arc::new(Nobody),
            uploads: Arc::new(Nobody),
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
        Self { router: router(api, &config), token, readiness }
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

#[tokio::test]
async fn a_query_is_answered_in_the_form_the_client_wishes() {
    let server = Server::new().await;
    for (accept, form) in [(NEW, NEW), (OLD, OLD), ("*/*", OLD)] {
        let answer = server.post("{ ping }", accept).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json()["data"], json!({"ping": "pong"}));
        let content_type = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(content_type, format!("{form}; charset=utf-8"));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    assert_eq!(server.post("{ ping }", "text/html").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_wrong_document_is_400_in_the_new_form_and_200_in_the_old() {
    let server = Server::new().await;
    for query in
        ["{ ping", "{ unknown }", "query($t: String!) { echo(text: $t) }", "query A {ping} query B {ping}"]
    {
        let answer = server.post(query, NEW).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json().get("data"), None, "{query}: {}", answer.text);
        let answer = server.post(query, OLD).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.json().get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_rest() {
    let server = Server::new().await;
    let answer = server.post("{ ping broken }", NEW).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["data"], json!({"ping": "pong", "broken": null}));
    let answer = server.post("{ ping fatal }", NEW).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json().get("data"), Some(&Value::Null), "executed, and nothing is left");
}

#[tokio::test]
async fn a_get_asks_and_never_changes() {
    let server = Server::new().await;
    let answer = server.get("/graphql?query=%7Bping%7D").await;
    assert_eq!(answer.json()["data"], json!({"ping": "pong"}));
    let address =
        "/graphql?query=query(%24t%3AString!)%7Becho(text%3A%24t)%7D&variables=%7B%22t%22%3A%22x%22%7D";
    assert_eq!(server.get(address).await.json()["data"], json!({"echo": "x"}));

    let answer = server.get("/graphql?query=mutation%7Bchange%7D").await;
    answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.headers[header::ALLOW], "POST");
    let hidden = "/graphql?query=query%20A%7Bping%7D%20mutation%20B%7Bchange%7D&operationName=";
    assert_eq!(server.get(&format!("{hidden}A")).await.json()["data"], json!({"ping": "pong"}));
    server.get(&format!("{hidden}B")).await.assert_refused(405, "METHOD_NOT_ALLOWED");
    server.get("/graphql?query=%7Bping%7D&variables=1").await.assert_refused(400, "BAD_REQUEST");
    server.get("/graphql").await.assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn other_methods_are_told_which_work() {
    let server = Server::new().await;
    let request = HttpRequest::builder().method(Method::DELETE).uri("/graphql").body(Body::empty());
    let answer = server.send(request.unwrap()).await;
    answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert!(answer.headers[header::ALLOW].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn only_json_is_executed() {
    let server = Server::new().await;
    let types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];
    for content_type in types {
        let request = server.request(content_type, OLD).body(r#"{"query":"mutation{change}"}"#.into());
        server.send(request.unwrap()).await.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let zipped = server.request(OLD, OLD).header(header::CONTENT_ENCODING, "gzip").body("x".into());
    server.send(zipped.unwrap()).await.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_without_quoting_a_library() {
    let server = Server::new().await;
    for body in ["{", "[]", "{}", r#"{"query":1}"#, r#"[{"query":"{ping}"}]"#, ""] {
        let answer = server.post_body(body, OLD).await;
        answer.assert_refused(400, "BAD_REQUEST");
        assert!(!answer.text.contains("column"), "{}", answer.text);
    }
    let large = json!({"query": "{ping}", "variables": {"x": "x".repeat(2 << 20)}}).to_string();
    server.post_body(large, OLD).await.assert_refused(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn who_is_unknown_gets_a_challenge_and_nothing_else() {
    let server = Server::new().await;
    let request = HttpRequest::post("/graphql").body("not even JSON".into());
    let answer = server.send(request.unwrap()).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert_eq!(answer.headers[header::WWW_AUTHENTICATE], r#"Bearer realm="partner-gateway""#);

    let forged = HttpRequest::get("/graphql?query={ping}").header(header::AUTHORIZATION, "Bearer a.b.c");
    let answer = server.send(forged.body(Body::empty()).unwrap()).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
    assert!(!answer.text.contains("header"), "why it failed stays here: {}", answer.text);
}

#[tokio::test]
async fn a_costly_document_is_refused_by_its_text() {
    let server = Server::new().await;
    let nested = format!("{{ echo(text: {}{}) }}", "[".repeat(3_000), "]".repeat(3_000));
    server.post(&nested, NEW).await.assert_refused(400, "DOCUMENT_TOO_LARGE");
    let many = format!("{{ {} }}", "ping ".repeat(5_000));
    server.post(&many, NEW).await.assert_refused(400, "DOCUMENT_TOO_LARGE");
    server.post("{ ping ", NEW).await.assert_refused(400, "MALFORMED_DOCUMENT");
}

#[tokio::test]
async fn a_panic_and_an_endless_resolver_are_answered() {
    let server = Server::new().await;
    server.post("{ panics }", NEW).await.assert_refused(500, "INTERNAL");
    server.post("{ never }", NEW).await.assert_refused(503, "TIMEOUT");
    assert_eq!(server.post("{ ping }", NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_requests_id() {
    let server = Server::new().await;
    let request =
        server.request(OLD, OLD).header("x-request-id", "trace-42").body(r#"{"query":"{ping}"}"#.into());
    let answer = server.send(request.unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "trace-42");
    assert_eq!(answer.json()["extensions"]["requestId"], "trace-42");

    let unusable = server.request(OLD, OLD).header("x-request-id", "a b\"c").body("".into());
    let answer = server.send(unusable.unwrap()).await;
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], id);
}

#[tokio::test]
async fn a_large_answer_is_compressed_when_the_client_can() {
    let server = Server::new().await;
    let query =
        json!({"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": "あ".repeat(1_000)}});
    let request =
        server.request(OLD, OLD).header(header::ACCEPT_ENCODING, "gzip").body(Body::from(query.to_string()));
    let response = server.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn the_page_is_open_and_brings_its_policy() {
    let server = Server::new().await;
    for address in ["/", "/graphiql"] {
        let answer = server.send(HttpRequest::get(address).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    }
    let start = server.send(HttpRequest::get("/graphiql/start").body(Body::empty()).unwrap()).await;
    assert_eq!(start.json(), json!({"examples": [], "tokens": []}));
}

#[tokio::test]
async fn ready_means_that_every_check_succeeds_and_nobody_is_leaving() {
    let server = Server::new().await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
    server.readiness.leave();
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["reason"], "shutting down");

    let down = Check { name: "the database", probe: Box::new(|| Box::pin(async { false })) };
    let answer = Server::with(vec![down]).await.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["reason"], "the database does not answer");
}

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
