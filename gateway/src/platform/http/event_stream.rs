//! Answers as server-sent events: "distinct connections" of the graphql-sse protocol, one operation each.
//!
//! Here: `next` for each answer, `complete` at the end, a comment now and then so that proxies keep the connection, and
//! when a stream ends by itself: with the caller's token, with this process, and when its operation is stopped (`answering`).
//! Whatever is wrong with the document comes as an event, too: browsers do not show the body of a refused stream.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::Response;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tracing::Instrument as _;

use super::answer::Answers;
use super::answering::{Answering, Stopped};
use super::media_type::MediaType;
use super::{Readiness, RequestId};
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::clock::Clock;

/// Tells proxies not to collect what should be sent at once.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// Events that wait for a slow client before the operation waits, too.
const AHEAD: usize = 16;

/// The answers to one operation, and how long they may come.
pub(super) struct Events {
    pub(super) answering: Answering,
    pub(super) request_id: RequestId,
    pub(super) clock: Clock,
    pub(super) readiness: Arc<Readiness>,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) caller: Caller,
    pub(super) heartbeat: Duration,
}

/// Why a stream ends.
enum End {
    /// There is nothing more to say.
    Complete,
    /// The client has gone.
    Deserted,
    /// It may not go on.
    Refused(Stopped),
}

impl Events {
    /// The response, whose body goes on until the stream ends.
    pub(super) fn into_response(self) -> Response {
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(self.run(sender).in_current_span());
        let body = futures::stream::unfold(receiver, |mut receiver| async move {
            Some((Ok::<_, Infallible>(receiver.recv().await?), receiver))
        });
        let mut response = Response::new(Body::from_stream(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MediaType::EventStream.name()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
        response
    }

    async fn run(mut self, sender: mpsc::Sender<Bytes>) {
        let end = self.send_answers(&sender).await;
        if let End::Refused((code, message)) = end {
            let part = self.form().refused_part(code, message);
            let _ = sender.send(event("next", &part)).await;
        }
        if !matches!(end, End::Deserted) {
            let _ = sender.send(event("complete", "")).await;
        }
    }

    async fn send_answers(&mut self, sender: &mpsc::Sender<Bytes>) -> End {
        let readiness = Arc::clone(&self.readiness);
        let mut left = pin!(readiness.left());
        let mut heartbeat = interval(self.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let text = tokio::select! {
                answer = self.answering.next() => match answer {
                    Some(Ok(answer)) => event("next", &self.form().part(&answer)),
                    Some(Err(stopped)) => return End::Refused(stopped),
                    None => return End::Complete,
                },
                _ = heartbeat.tick() => Bytes::from_static(b":\n\n"),
                () = left.as_mut() => return End::Complete,
            };
            if let Err(why) = self.authenticator.still_knows(&self.caller, self.clock.now()) {
                return End::Refused((why.code(), "the token has ended; get a new one and subscribe again"));
            }
            if sender.send(text).await.is_err() {
                return End::Deserted;
            }
        }
    }

    fn form(&self) -> Answers<'_> {
        Answers { request_id: &self.request_id, form: MediaType::EventStream }
    }
}

/// One event. JSON has no line breaks of its own.
fn event(name: &str, data: &str) -> Bytes {
    let space = if data.is_empty() { "" } else { " " };
    format!("event: {name}\ndata:{space}{data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn an_event_is_as_the_protocol_says() {
        assert_eq!(event("next", r#"{"data":{}}"#), "event: next\ndata: {\"data\":{}}\n\n");
        assert_eq!(event("complete", ""), "event: complete\ndata:\n\n");
    }
}
