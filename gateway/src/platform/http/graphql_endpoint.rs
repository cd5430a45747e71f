//! `/graphql`: from an HTTP request to an execution and back.
//!
//! Here: the order of the checks: form, caller, body, document. Who may not ask learns nothing about the rest.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Executor, Request};
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, FromRequest as _, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures::FutureExt as _;

use super::admission::{Admission, TooMuch};
use super::answer::Answers;
use super::answering::Answering;
use super::documents::{DocumentRefusal, Documents, Sender};
use super::event_stream::Events;
use super::limits::{Malformed, Parameters};
use super::media_type::{MediaType, is_json};
use super::web_socket::{self, Sockets};
use super::{Api, Prepare, Readiness, RequestId};
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::clock::Clock;
use crate::platform::config::Server;
use crate::platform::config::server::Limits;
use crate::platform::graphql::guard::{Began, OnlyQueries, Streams};

/// What the handlers need.
pub(super) struct Endpoint<E> {
    executor: E,
    pub(super) authenticator: Arc<Authenticator>,
    prepare: Prepare,
    pub(super) clock: Clock,
    pub(super) readiness: Arc<Readiness>,
    documents: Documents,
    admission: Arc<Admission>,
    limits: Limits,
    timeout: Duration,
    pub(super) heartbeat: Duration,
    pub(super) sockets: Sockets,
}

/// Why a request is not executed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Document(#[from] DocumentRefusal),
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
}

impl Unread {
    /// The code that clients branch on.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "BAD_REQUEST",
            Self::Document(why) => why.into(),
            Self::TooMuch(why) => why.into(),
        }
    }
}

impl<E: Executor> Endpoint<E> {
    pub(super) fn new(api: &Api<E>, config: &Server, admission: Arc<Admission>) -> Self {
        Self {
            executor: api.executor.clone(),
            authenticator: Arc::clone(&api.authenticator),
            prepare: Arc::clone(&api.prepare),
            clock: api.clock.clone(),
            readiness: Arc::clone(&api.readiness),
            documents: api.documents.clone(),
            admission,
            limits: config.limits,
            timeout: config.request_timeout,
            heartbeat: config.heartbeat,
            sockets: Sockets::new(config),
        }
    }

    /// The first two checks: a form that we have, and a caller that we know.
    async fn admit<'a>(
        &self,
        headers: &HeaderMap,
        request_id: &'a RequestId,
    ) -> Result<(Answers<'a>, Caller), Box<Response>> {
        let Some(form) = MediaType::wished(headers) else {
            let answers = Answers { request_id, form: MediaType::Json };
            let message = "accept application/graphql-response+json, application/json or text/event-stream";
            return Err(answers.refusal(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message).into());
        };
        let answers = Answers { request_id, form };
        let header = headers.get(AUTHORIZATION).map(|it| it.as_bytes());
        match self.authenticator.authenticate(header, self.clock.now()).await {
            Ok(caller) => Ok((answers, caller)),
            Err(why) => {
                tracing::info!(?why, "refused a caller");
                Err(answers.unauthenticated(why).into())
            }
        }
    }

    /// The request that these parameters make. It holds the caller's place until it is done.
    pub(super) async fn request(
        &self,
        parameters: Result<Parameters, Malformed>,
        caller: &Caller,
    ) -> Result<Request, Unread> {
        let place = self.admission.enter(caller, self.clock.now()).await?;
        let mut parameters = parameters?;
        let sender = Sender {
            issuer: &caller.issuer,
            partner: caller.partner,
            most_bytes: self.limits.document_bytes,
        };
        let document = self.documents.find(parameters.document()?, &sender).await?;
        Ok(parameters.into_request(document, &self.limits)?.data(place))
    }

    /// Answers in the form that was wished.
    async fn answer(&self, request: Request, caller: Caller, answers: &Answers<'_>) -> Response {
        match answers.form {
            MediaType::EventStream => self.events(request, caller, answers),
            _ => self.execute(request, caller, answers).await,
        }
    }

    /// Sends answers as they come, until the caller's token or this process ends.
    fn events(&self, request: Request, caller: Caller, answers: &Answers<'_>) -> Response {
        let events = Events {
            answering: self.stream(request, caller.clone(), answers.request_id),
            request_id: answers.request_id.clone(),
            clock: self.clock.clone(),
            readiness: Arc::clone(&self.readiness),
            authenticator: Arc::clone(&self.authenticator),
            caller,
            heartbeat: self.heartbeat,
        };
        events.into_response()
    }

    /// Answers as they come.
    pub(super) fn stream(&self, request: Request, caller: Caller, request_id: &RequestId) -> Answering {
        let streams = Streams::default();
        let request = (self.prepare)(request.data(streams.clone()), caller, request_id.clone());
        Answering::new(self.executor.execute_stream(request, None), streams, self.timeout)
    }

    /// Executes in time, and answers even when a resolver panics.
    async fn execute(&self, request: Request, caller: Caller, answers: &Answers<'_>) -> Response {
        let began = Began::default();
        let request = request.data(began.clone());
        let request = (self.prepare)(request, caller, answers.request_id.clone());
        let execution = AssertUnwindSafe(self.executor.execute(request)).catch_unwind();
        match tokio::time::timeout(self.timeout, execution).await {
            Ok(Ok(result)) => answers.result(result, began.get()),
            Ok(Err(_)) => {
                tracing::error!("a resolver panicked");
                answers.refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "internal error")
            }
            Err(_) => {
                let message = "the answer took too long; ask for less at once, or try again later";
                answers.refusal(StatusCode::SERVICE_UNAVAILABLE, "TIMEOUT", message)
            }
        }
    }
}

/// Queries, mutations and subscriptions.
pub(super) async fn post<E: Executor>(
    State(endpoint): State<Arc<Endpoint<E>>>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Response {
    let (answers, caller) = match endpoint.admit(&headers, &request_id).await {
        Ok(admitted) => admitted,
        Err(response) => return *response,
    };
    if !is_json(&headers) {
        let message = "send the body as Content-Type: application/json";
        return answers.refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) => return unread(&answers, rejection.status()),
    };
    match endpoint.request(Parameters::from_body(&body), &caller).await {
        Ok(request) => endpoint.answer(request, caller, &answers).await,
        Err(why) => unexecuted(&answers, why),
    }
}

/// Nothing that changes anything: addresses are followed without asking, and kept in logs. Or a socket, on which anything may
/// be said.
pub(super) async fn get<E: Executor>(
    State(endpoint): State<Arc<Endpoint<E>>>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    pairs: Result<Query<HashMap<String, String>>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Ok(upgrade) = upgrade {
        let answers = Answers { request_id: &request_id, form: MediaType::Json };
        return web_socket::open(endpoint, upgrade, headers.get(AUTHORIZATION).cloned(), &answers);
    }
    let (answers, caller) = match endpoint.admit(&headers, &request_id).await {
        Ok(admitted) => admitted,
        Err(response) => return *response,
    };
    let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
    match endpoint.request(Parameters::from_query(pairs), &caller).await {
        Ok(request) => endpoint.answer(request.data(OnlyQueries), caller, &answers).await,
        Err(why) => unexecuted(&answers, why),
    }
}

/// Everything but GET and POST.
pub(super) async fn method_not_allowed(Extension(request_id): Extension<RequestId>) -> Response {
    let answers = Answers { request_id: &request_id, form: MediaType::Json };
    answers.refusal(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "use GET or POST")
}

fn unexecuted(answers: &Answers<'_>, why: Unread) -> Response {
    match why {
        Unread::Malformed(_) => answers.refusal(StatusCode::BAD_REQUEST, why.code(), why),
        Unread::Document(_) => answers.unexecuted(why.code(), why),
        Unread::TooMuch(why) => answers.too_much(why),
    }
}

fn unread(answers: &Answers<'_>, status: StatusCode) -> Response {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            answers.refusal(status, "BODY_TOO_LARGE", "the body is larger than this server takes")
        }
        _ => answers.refusal(
            StatusCode::REQUEST_TIMEOUT,
            "BODY_INCOMPLETE",
            "the body did not arrive whole in time",
        ),
    }
}
