//! The answers to one operation, one after another, whatever happens to it.
//!
//! Here: time for the one answer of an operation that does not subscribe, and resolvers that panic.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::Response as Outcome;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep_until};

use crate::platform::graphql::guard::Streams;

/// Why there are no more answers: a code, and what to do.
pub(super) type Stopped = (&'static str, &'static str);

/// What answers an operation.
pub(super) struct Answering {
    answers: BoxStream<'static, Outcome>,
    streams: Streams,
    deadline: Instant,
}

impl Answering {
    pub(super) fn new(answers: BoxStream<'static, Outcome>, streams: Streams, timeout: Duration) -> Self {
        Self { answers, streams, deadline: Instant::now() + timeout }
    }

    /// The next answer; `None` when all is said. Ask no more after it stopped.
    pub(super) async fn next(&mut self) -> Option<Result<Outcome, Stopped>> {
        let Self { answers, streams, deadline } = self;
        tokio::select! {
            next = AssertUnwindSafe(answers.next()).catch_unwind() => match next {
                Ok(answer) => answer.map(Ok),
                Err(_) => {
                    tracing::error!("a resolver panicked");
                    Some(Err(("INTERNAL", "internal error")))
                }
            },
            () = too_late(streams, *deadline) => {
                Some(Err(("TIMEOUT", "the answer took too long; ask for less at once")))
            }
        }
    }
}

/// Subscriptions may be silent for as long as they like.
async fn too_late(streams: &Streams, deadline: Instant) {
    sleep_until(deadline).await;
    if streams.subscribes() {
        std::future::pending::<()>().await;
    }
}
