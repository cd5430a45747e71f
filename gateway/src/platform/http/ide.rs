//! A page to try queries at `/` and `/graphiql`, without anything from elsewhere.
//!
//! Here: the page, the policy that keeps it from loading or sending anything but queries to us, and what it
//! offers to start with. Not here: the examples themselves (they know features).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

const PAGE: &str = include_str!("ide.html");

/// A query to start from.
#[derive(Debug, Clone, Serialize)]
pub struct IdeExample {
    /// What it shows.
    pub title: &'static str,
    /// The document.
    pub query: String,
}

/// A token that the page offers.
#[derive(Debug, Clone, Serialize)]
pub struct IdeToken {
    /// Whose it is.
    pub label: String,
    /// The token.
    pub token: String,
}

/// Makes fresh tokens each time the page is opened.
pub type IdeTokens = Arc<dyn Fn() -> Vec<IdeToken> + Send + Sync>;

/// What the page offers to start with.
#[derive(Clone, Default)]
pub struct Ide {
    /// Queries.
    pub examples: Vec<IdeExample>,
    /// Tokens; only the demo has some, and they are given to this machine alone.
    pub tokens: Option<IdeTokens>,
}

#[derive(Serialize)]
struct Start {
    examples: Vec<IdeExample>,
    tokens: Vec<IdeToken>,
}

pub(super) fn routes(ide: Ide) -> Router {
    let policy: Arc<str> = policy().into();
    let page = move || async move { page(&policy) };
    Router::new()
        .route("/", get(page.clone()))
        .route("/graphiql", get(page))
        .route("/graphiql/start", get(start))
        .with_state(Arc::new(ide))
}

fn page(policy: &str) -> impl IntoResponse + use<> {
    let headers: [(HeaderName, String); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy.to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (X_FRAME_OPTIONS, "DENY".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, PAGE)
}

/// Only our own script and style run, by their hash; only we are asked.
fn policy() -> String {
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(between("<script>", "</script>")),
        hash(between("<style>", "</style>")),
    )
}

fn between(start: &str, end: &str) -> &'static str {
    let from = PAGE.find(start).expect("the page has one") + start.len();
    let length = PAGE[from..].find(end).expect("the page closes it");
    &PAGE[from..from + length]
}

fn hash(text: &str) -> String {
    STANDARD.encode(digest(&SHA256, text.as_bytes()))
}

async fn start(State(ide): State<Arc<Ide>>, headers: HeaderMap) -> impl IntoResponse {
    let tokens = ide.tokens.as_ref().filter(|_| is_addressed_locally(&headers));
    let tokens = tokens.map(|make| make()).unwrap_or_default();
    ([(CACHE_CONTROL, "no-store")], Json(Start { examples: ide.examples.clone(), tokens }))
}

/// A foreign page whose name was pointed at this machine (DNS rebinding) still says its own name here.
fn is_addressed_locally(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        for foreign in ["http://", "https://", "src=", "@import", " style=", "onclick", "innerHTML"] {
            assert!(!PAGE.contains(foreign), "{foreign}");
        }
        assert_eq!(PAGE.matches("<script").count(), 1);
        assert_eq!(PAGE.matches("<style").count(), 1);
    }

    #[test]
    fn tokens_are_for_this_machine_alone() {
        let local = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            is_addressed_locally(&headers)
        };
        assert!(local("127.0.0.1:8080") && local("localhost") && local("[::1]:8080"));
        assert!(!local("evil.example:8080") && !local("localhost.evil.example") && !local(""));
    }
}
