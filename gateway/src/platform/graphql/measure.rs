//! How often each operation is asked for, how long it takes, and how it fails; and a line in the log for one that takes long.
//!
//! Names are the clients' own, so only the first so many are told apart. Nothing of variables is measured or logged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextPrepareRequest, NextRequest,
    NextSubscribe,
};
use async_graphql::parser::types::DocumentOperations;
use async_graphql::{Request, Response, ServerResult, Value};
use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::metrics::{Figure, Figures};

/// Names of operations that are told apart; all others are one.
const MOST_NAMES: usize = 100;
/// Longer names are not told apart.
const LONGEST_NAME: usize = 60;
/// Operations without a name, and those whose name is one too many.
const UNNAMED: &str = "unnamed";
const OTHERS: &str = "others";
/// Upper bounds of the times that are counted together, in seconds.
const TIMES: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

type Labels = [(&'static str, String); 1];
type Times = Family<Labels, Histogram, fn() -> Histogram>;

/// What is measured of operations, in this process.
#[derive(Debug, Clone)]
pub struct Operations(Arc<Measures>);

#[derive(Debug)]
struct Measures {
    slow: Duration,
    names: Mutex<BTreeSet<String>>,
    times: Times,
    failures: Family<Labels, Counter>,
    codes: Family<Labels, Counter>,
}

impl Operations {
    /// Nothing yet. What takes longer than `slow` is logged.
    pub fn new(slow: Duration) -> Self {
        let times: Times = Family::new_with_constructor(|| Histogram::new(TIMES));
        let (failures, codes) = (Family::default(), Family::default());
        Self(Arc::new(Measures { slow, names: Mutex::default(), times, failures, codes }))
    }
}

#[async_trait]
impl Figures for Operations {
    async fn gather(&self) -> Result<Vec<Figure>> {
        Ok(Vec::new())
    }

    fn register(&self, registry: &mut Registry) {
        let Measures { times, failures, codes, .. } = &*self.0;
        let help = "How long operations took, by their names";
        registry.register_with_unit("operation_duration", help, Unit::Seconds, times.clone());
        registry.register("operation_failures", "Operations with errors, by their names", failures.clone());
        registry.register("operation_errors", "Errors that clients were told, by their codes", codes.clone());
    }
}

impl ExtensionFactory for Operations {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Measuring { measures: Arc::clone(&self.0), name: OnceLock::new() })
    }
}

/// One operation.
struct Measuring {
    measures: Arc<Measures>,
    name: OnceLock<(String, String)>,
}

#[async_trait]
impl Extension for Measuring {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let response = next.run(ctx).await;
        self.measures.count_codes(&response);
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let measures = Arc::clone(&self.measures);
        next.run(ctx, stream).inspect(move |response| measures.count_codes(response)).boxed()
    }

    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        let request_id = RequestContext::of(&request).map(|it| it.request_id.clone());
        let mut request = next.run(ctx, request).await?;
        let name = self.measures.told_apart(name_of(&mut request));
        tracing::Span::current().record("graphql.operation.name", &name);
        let _ = self.name.set((name, request_id.unwrap_or_default()));
        Ok(request)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let begun = Instant::now();
        let response = next.run(ctx, operation_name).await;
        self.note(&response, begun.elapsed());
        response
    }
}

impl Measuring {
    fn note(&self, response: &Response, took: Duration) {
        let (name, request_id) =
            self.name.get().cloned().unwrap_or_else(|| (UNNAMED.to_owned(), String::new()));
        let labels = [("operation", name.clone())];
        self.measures.times.get_or_create(&labels).observe(took.as_secs_f64());
        if !response.errors.is_empty() {
            self.measures.failures.get_or_create(&labels).inc();
        }
        if took >= self.measures.slow {
            let (milliseconds, errors) = (took.as_millis(), response.errors.len());
            tracing::warn!(
                operation = name,
                request.id = request_id,
                milliseconds,
                errors,
                "a slow operation"
            );
        }
    }
}

impl Measures {
    fn count_codes(&self, response: &Response) {
        for error in &response.errors {
            if let Some(Value::String(code)) = error.extensions.as_ref().and_then(|it| it.get("code")) {
                self.codes.get_or_create(&[("code", code.clone())]).inc();
            }
        }
    }

    /// The name, as long as there are few of them.
    fn told_apart(&self, name: Option<String>) -> String {
        let Some(name) = name else { return UNNAMED.to_owned() };
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = names.contains(&name);
        if !is_known && (names.len() >= MOST_NAMES || name.len() > LONGEST_NAME) {
            return OTHERS.to_owned();
        }
        names.insert(name.clone());
        name
    }
}

/// The name of the operation that is executed.
fn name_of(request: &mut Request) -> Option<String> {
    if let Some(name) = &request.operation_name {
        return Some(name.clone());
    }
    match &request.parsed_query().ok()?.operations {
        DocumentOperations::Multiple(operations) if operations.len() == 1 => {
            operations.keys().next().map(ToString::to_string)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;
    use crate::platform::metrics;

    struct Query;

    #[Object]
    impl Query {
        async fn ping(&self) -> &str {
            "pong"
        }

        async fn broken(&self) -> Option<async_graphql::Result<bool>> {
            Some(Err("broken".into()))
        }
    }

    async fn measured(requests: Vec<Request>) -> String {
        let operations = Operations::new(Duration::from_secs(1));
        let schema =
            Schema::build(Query, EmptyMutation, EmptySubscription).extension(operations.clone()).finish();
        for request in requests {
            schema.execute(request).await;
        }
        metrics::text(&[Arc::new(operations) as Arc<dyn Figures>]).await.unwrap()
    }

    #[tokio::test]
    async fn operations_are_counted_by_their_names() {
        let requests = ["query A { ping }", "query A { ping }", "{ ping }", "query B { broken }"];
        let text = measured(requests.map(Request::new).into()).await;
        for line in [
            r#"partner_gateway_operation_duration_seconds_count{operation="A"} 2"#,
            r#"partner_gateway_operation_duration_seconds_count{operation="unnamed"} 1"#,
            r#"partner_gateway_operation_failures_total{operation="B"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[tokio::test]
    async fn clients_that_make_up_names_make_no_more_than_so_many_figures() {
        let names = (0..300).map(|i| format!("query Q{i} {{ ping }}"));
        let long = format!("query {} {{ ping }}", "a".repeat(100));
        let text = measured(names.chain([long]).map(Request::new).collect()).await;
        assert_eq!(text.matches("duration_seconds_count{").count(), MOST_NAMES + 1);
        assert!(text.contains(r#"seconds_count{operation="others"} 201"#), "{text}");
    }
}
