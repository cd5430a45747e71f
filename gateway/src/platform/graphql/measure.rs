//! How often each operation is asked for, how long it takes, and how it fails; and a line in the log for one that takes long.
//!
//! Names are the clients' own, so only the first so many are told apart. Nothing of variables is measured or logged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::parser::types::DocumentOperations;
use async_graphql::{Request, Response, Value};
use async_trait::async_trait;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::executor::has_begun;
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

/// One operation, by the name under which it is counted.
pub(super) struct Operation {
    name: String,
    request_id: String,
}

impl Operations {
    /// Which operation a request with a parsed document executes.
    pub(super) fn named(&self, request: &mut Request) -> Operation {
        let request_id = RequestContext::of(request).map(|it| it.request_id.clone()).unwrap_or_default();
        let name = self.0.told_apart(name_of(request));
        tracing::Span::current().record("graphql.operation.name", &name);
        Operation { name, request_id }
    }

    /// Counts an operation that was answered. One that was refused is no operation.
    pub(super) fn note(&self, operation: &Operation, response: &Response, took: Duration) {
        self.note_event(operation, response);
        if !has_begun(response) {
            return;
        }
        let Operation { name, request_id } = operation;
        self.0.times.get_or_create(&[("operation", name.clone())]).observe(took.as_secs_f64());
        if took >= self.0.slow {
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

    /// Counts how one of many answers failed.
    pub(super) fn note_event(&self, operation: &Operation, response: &Response) {
        if !response.errors.is_empty() && has_begun(response) {
            self.0.failures.get_or_create(&[("operation", operation.name.clone())]).inc();
        }
        self.count_codes(response);
    }

    /// Counts the codes of what a client is told.
    pub(super) fn count_codes(&self, response: &Response) {
        for error in &response.errors {
            if let Some(Value::String(code)) = error.extensions.as_ref().and_then(|it| it.get("code")) {
                self.0.codes.get_or_create(&[("code", code.clone())]).inc();
            }
        }
    }
}

impl Measures {
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
    use async_graphql::{EmptyMutation, EmptySubscription, Executor as _, Object, Schema};

    use super::*;
    use crate::platform::config::server::Limits;
    use crate::platform::graphql::executor::Guarded;
    use crate::platform::graphql::guard::Guard;
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
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let schema = Guarded::new(schema.clone(), schema, Guard::new(Limits::default()), operations.clone());
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
