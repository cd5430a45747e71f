//! Many operations over one socket: graphql-transport-ws, with every close code of the protocol.
//!
//! Here: the way in. Not here: what is said (`message`), who says what when (`session`), one operation (`operation`).
//! A browser opens a socket to any site without asking first, but sends no token by itself: who says none in time is let go.

mod message;
mod operation;
mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Executor;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use tokio::sync::Semaphore;

use self::message::PROTOCOL;
use self::session::Session;
use super::answer::Answers;
use super::graphql_endpoint::Endpoint;
use crate::platform::config::Server;

/// What holds for every socket.
pub(super) struct Sockets {
    places: Arc<Semaphore>,
    most_bytes: usize,
    /// For the first message.
    pub(super) init_timeout: Duration,
    /// Operations of one socket at the same time.
    pub(super) most_operations: usize,
}

impl Sockets {
    pub(super) fn new(config: &Server) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.limits.sockets)),
            most_bytes: config.limits.body_bytes,
            init_timeout: config.init_timeout,
            most_operations: config.limits.operations_per_socket,
        }
    }
}

/// Opens a socket. `authorization` is the header it was asked for with; browsers cannot send one.
pub(super) fn open<E: Executor>(
    endpoint: Arc<Endpoint<E>>,
    upgrade: WebSocketUpgrade,
    authorization: Option<HeaderValue>,
    answers: &Answers<'_>,
) -> Response {
    let Ok(place) = Arc::clone(&endpoint.sockets.places).try_acquire_owned() else {
        let message = "there are as many sockets as this server has room for; try again later";
        return answers.refusal(StatusCode::SERVICE_UNAVAILABLE, "TOO_MANY_SOCKETS", message);
    };
    let most_bytes = endpoint.sockets.most_bytes;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(most_bytes).max_frame_size(most_bytes);
    upgrade.on_upgrade(move |socket| async move {
        Session::new(endpoint, socket, authorization).run().await;
        drop(place);
    })
}
