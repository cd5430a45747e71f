//! The schema with what surrounds every execution: the guard before it; its figures, warnings and the mask over its errors after it.
//!
//! An executor around the library's instead of four of its extensions: it asks every extension about every field, and that cost more
//! than the fields.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll};

use async_graphql::{Data, Executor, Request, Response, Value};
use domain::text::Language;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use tokio::time::Instant;

use super::guard::{Guard, GuardRefusal, Prepared, Streams};
use super::measure::{Operation, Operations};
use super::warnings::Warnings;
use crate::error::mask_errors;
use crate::platform::context::RequestContext;
use crate::platform::database::{Awaited, Database};

/// Executes what its guard lets through, and tells no more than clients should know.
#[derive(Clone)]
pub struct Guarded<E> {
    validating: E,
    trusting: E,
    guard: Guard,
    operations: Operations,
}

impl<E: Executor> Guarded<E> {
    /// Around a schema that validates every document; where it was found valid before, the one that does not is asked.
    pub fn new(validating: E, trusting: E, guard: Guard, operations: Operations) -> Self {
        Self { validating, trusting, guard, operations }
    }

    fn prepare(&self, request: &mut Request) -> Result<(Prepared, Operation), GuardRefusal> {
        let prepared = self.guard.prepare(request)?;
        Ok((prepared, self.operations.named(request)))
    }

    fn chosen(&self, prepared: &Prepared) -> &E {
        if prepared.is_known_valid() { &self.trusting } else { &self.validating }
    }

    fn refused(&self, refusal: GuardRefusal) -> Response {
        let response = Response::from_errors(vec![refusal.into()]);
        self.operations.count_codes(&response);
        response
    }
}

impl<E: Executor> Executor for Guarded<E> {
    async fn execute(&self, mut request: Request) -> Response {
        let (begun, telling) = (Instant::now(), Telling::about(&request));
        let (prepared, operation) = match self.prepare(&mut request) {
            Ok(prepared) => prepared,
            Err(refusal) => return self.refused(refusal),
        };
        let mut answer = pin!(self.chosen(&prepared).execute(request));
        // Behind the answer, because what was made last is dropped first: the database must know before connections come back.
        let awaited = telling.database.as_ref().map(Database::awaited);
        let response = telling.tell(answer.as_mut().await);
        awaited.into_iter().for_each(Awaited::answered);
        if has_begun(&response) {
            prepared.found_valid();
        }
        self.operations.note(&operation, &response, begun.elapsed());
        response
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let (begun, telling) = (Instant::now(), Telling::about(&request));
        let (prepared, operation) = match self.prepare(&mut request) {
            Ok(prepared) => prepared,
            Err(refusal) => return stream::iter([self.refused(refusal)]).boxed(),
        };
        let subscribes = Streams::of(&request).is_some_and(Streams::subscribes);
        let operations = self.operations.clone();
        let awaited = telling.database.as_ref().filter(|_| !subscribes).map(Database::awaited);
        let answers = self.chosen(&prepared).execute_stream(request, session);
        let answers = AwaitedAnswers { awaited, answers };
        let told = answers.map(move |response| {
            let response = telling.tell(response);
            // How long a subscription waits for its events says nothing about it.
            match subscribes {
                true => operations.note_event(&operation, &response),
                false => operations.note(&operation, &response, begun.elapsed()),
            }
            response
        });
        told.boxed()
    }
}

/// Whether an execution began: what is wrong with the request itself names no field.
pub fn has_begun(response: &Response) -> bool {
    let is_about_the_request =
        !response.errors.is_empty() && response.errors.iter().all(|it| it.path.is_empty());
    response.data != Value::Null || !is_about_the_request
}

/// Answers one of which somebody waits for. The database must know first that nobody does, before connections come back: fields are
/// dropped in their order.
struct AwaitedAnswers {
    awaited: Option<Awaited>,
    answers: BoxStream<'static, Response>,
}

impl Stream for AwaitedAnswers {
    type Item = Response;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<Response>> {
        let next = self.answers.poll_next_unpin(context);
        if next.is_ready() {
            self.awaited.take().into_iter().for_each(Awaited::answered);
        }
        next
    }
}

/// What is needed of a request to tell its answer.
struct Telling {
    database: Option<Database>,
    language: Language,
    warnings: Option<Arc<Warnings>>,
}

impl Telling {
    fn about(request: &Request) -> Self {
        let context = RequestContext::of(request);
        Self {
            database: context.map(|it| it.database.clone()),
            language: context.map_or(Language::En, |it| it.caller.language),
            warnings: context.map(|it| Arc::clone(&it.warnings)),
        }
    }

    fn tell(&self, mut response: Response) -> Response {
        mask_errors(&mut response, self.language);
        if let Some(warnings) = &self.warnings {
            warnings.tell(&mut response);
        }
        response
    }
}
