//! A client that listens: server-sent events, one after another.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::Client;

/// Longer than any event takes to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The events of one operation.
pub struct EventStream {
    body: BodyDataStream,
    received: String,
}

/// What came with a `next` event.
pub struct Next(Value);

impl Client<'_> {
    /// Subscribes. What happens from now on is heard.
    pub async fn listen(&self, document: &str) -> EventStream {
        let body = json!({ "query": document }).to_string();
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .header("authorization", self.authorization().expect("listeners are known"))
            .body(Body::from(body))
            .expect("a request");
        let response = self.router().clone().oneshot(request).await.expect("routers answer");
        let form = response.headers()["content-type"].to_str().expect("a text").to_owned();
        assert_eq!(form, "text/event-stream; charset=utf-8");
        let mut stream =
            EventStream { body: response.into_body().into_data_stream(), received: String::new() };
        // The first sign of life comes before any event.
        stream.receive().await;
        stream
    }
}

impl EventStream {
    /// The next answer.
    pub async fn next(&mut self) -> Next {
        match self.event().await.as_deref().and_then(|it| it.strip_prefix("event: next\ndata: ")) {
            Some(data) => Next(serde_json::from_str(data).expect("answers are JSON")),
            None => panic!("the stream has ended"),
        }
    }

    /// Whether the stream ends here, in order.
    pub async fn is_complete(&mut self) -> bool {
        self.event().await.as_deref() == Some("event: complete\ndata:") && self.event().await.is_none()
    }

    /// The next event that is not a comment.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.received.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.received = rest;
                if !event.starts_with(':') {
                    return Some(event);
                }
            } else if !self.receive().await {
                return None;
            }
        }
    }

    async fn receive(&mut self) -> bool {
        let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event in time");
        let Some(chunk) = chunk else { return false };
        self.received += str::from_utf8(&chunk.expect("a whole chunk")).expect("events are text");
        true
    }
}

impl Next {
    /// Its data.
    pub fn data(&self) -> Value {
        assert!(self.0.get("errors").is_none(), "errors: {}", self.0);
        self.0["data"].clone()
    }

    /// The codes of its errors.
    pub fn codes(&self) -> Vec<&str> {
        let errors = self.0["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|it| it["extensions"]["code"].as_str().expect("every error has a code")).collect()
    }
}
