//! One operation of a socket.

use std::sync::Arc;

use async_graphql::{Executor, Response as Outcome, Value};
use tokio::sync::mpsc;
use tracing::Instrument as _;
use uuid::Uuid;

use super::message::of_operation;
use crate::platform::auth::Caller;
use crate::platform::http::RequestId;
use crate::platform::http::answer::Answers;
use crate::platform::http::graphql_endpoint::Endpoint;
use crate::platform::http::limits::Parameters;
use crate::platform::http::media_type::MediaType;

/// One message about an operation.
pub(super) struct Part {
    pub(super) id: String,
    /// Tells it from an earlier operation of the same name.
    pub(super) number: u64,
    pub(super) text: String,
    pub(super) is_last: bool,
}

pub(super) struct Operation<E> {
    pub(super) endpoint: Arc<Endpoint<E>>,
    pub(super) caller: Caller,
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) sender: mpsc::Sender<Part>,
}

impl<E: Executor> Operation<E> {
    /// Says every answer, then that all is said; or what is wrong with the request.
    pub(super) async fn run(self, parameters: Parameters) {
        let id = self.endpoint.clock.new_id::<Uuid>().to_string();
        let name = tracing::field::Empty;
        let span = tracing::info_span!(
            "operation",
            otel.kind = "server",
            request.id = id,
            graphql.operation.name = name
        );
        self.answer(RequestId(id), parameters).instrument(span).await;
    }

    async fn answer(self, request_id: RequestId, parameters: Parameters) {
        let answers = Answers { request_id: &request_id, form: MediaType::GraphqlResponse };
        let request = match self.endpoint.request(Ok(parameters), &self.caller).await {
            Ok(request) => request,
            Err(why) => return self.say("error", &answers.refused_errors(why.code(), why), true).await,
        };
        let mut answering = self.endpoint.stream(request, self.caller.clone(), &request_id);
        while let Some(answer) = answering.next().await {
            match answer {
                Ok(outcome) if is_refusal(&outcome) => {
                    return self.say("error", &answers.errors(&outcome.errors), true).await;
                }
                Ok(outcome) => self.say("next", &answers.part(&outcome), false).await,
                Err((code, message)) => {
                    return self.say("error", &answers.refused_errors(code, message), true).await;
                }
            }
        }
        self.send(of_operation(&self.id, "complete", None), true).await;
    }

    async fn say(&self, kind: &str, payload: &str, is_last: bool) {
        self.send(of_operation(&self.id, kind, Some(payload)), is_last).await;
    }

    async fn send(&self, text: String, is_last: bool) {
        let part = Part { id: self.id.clone(), number: self.number, text, is_last };
        // Fails only when the socket has ended, and then nobody listens.
        let _ = self.sender.send(part).await;
    }
}

/// Says that there are too many.
pub(super) fn refusal<E: Executor>(endpoint: &Endpoint<E>, id: &str) -> String {
    let request_id = RequestId(endpoint.clock.new_id::<Uuid>().to_string());
    let answers = Answers { request_id: &request_id, form: MediaType::GraphqlResponse };
    let most = endpoint.sockets.most_operations;
    let message = format!("{most} operations on one socket are enough; complete one, or open another");
    of_operation(id, "error", Some(&answers.refused_errors("TOO_MANY_OPERATIONS", message)))
}

/// Whether the request itself was refused. What fails in the execution names the field.
fn is_refusal(outcome: &Outcome) -> bool {
    let is_about_the_request = outcome.errors.iter().all(|it| it.path.is_empty());
    outcome.data == Value::Null && !outcome.errors.is_empty() && is_about_the_request
}
