//! Logs and traces.
//!
//! Here: where log lines and spans go, and the caller's trace continued. Traces are sent only when a collector
//! is configured; a collector that is down costs nothing but the traces.
//! Not here: what is logged; log lines carry ids, never persons or secrets.

use std::io::IsTerminal as _;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::platform::config;
use crate::platform::config::telemetry::LogFormat;

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is none.
    #[error("telemetry.log_level: {0}")]
    InvalidLevel(#[from] tracing_subscriber::filter::ParseError),
    /// The collector's address cannot be used.
    #[error("telemetry.otlp_endpoint: {0}")]
    InvalidEndpoint(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Somebody was faster.
    #[error("logging has been set up before")]
    AlreadySet(#[from] tracing_subscriber::util::TryInitError),
}

/// Who makes the spans.
const TRACER: &str = "gateway";
/// Longest text of a statement in a trace, in characters.
const LONGEST_STATEMENT: usize = 2_000;

/// What has to be ended so that the last spans arrive.
#[derive(Debug, Default)]
#[must_use = "call `end`, or the last spans are lost"]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sets logging and tracing up for this process. Log lines go to the standard error output.
    pub fn begin(config: &config::Telemetry) -> Result<Self, TelemetryError> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider = config.otlp_endpoint.as_deref().map(|it| provider(it, config)).transpose()?;
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let lines = match config.log_format {
            LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
            LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        };
        let traces = provider.as_ref().map(|it| {
            global::set_tracer_provider(it.clone());
            let tracer = it.tracer(TRACER);
            tracing_opentelemetry::layer()
                .with_tracer(tracer)
                .with_filter(filter_fn(is_ours).with_max_level_hint(LevelFilter::INFO))
        });
        // What is logged is no matter of traces: each has a filter of its own.
        let lines = lines.with_filter(EnvFilter::try_new(&config.log_level)?);
        tracing_subscriber::registry().with(traces).with(lines).try_init()?;
        Ok(Self(provider))
    }

    /// Sends what has not been sent. Blocks for up to a few seconds while the collector is down.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces did not reach the collector");
        }
    }
}

fn provider(endpoint: &str, config: &config::Telemetry) -> Result<SdkTracerProvider, TelemetryError> {
    let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// What the sending of traces does itself must not be traced, or it never ends.
fn is_ours(metadata: &tracing::Metadata<'_>) -> bool {
    let target = metadata.target();
    let sends_traces =
        ["hyper", "h2", "reqwest", "opentelemetry", "tower"].iter().any(|it| target.starts_with(it));
    *metadata.level() <= Level::INFO && !sends_traces
}

/// Makes a span a part of the caller's trace, if the request names one (W3C Trace Context).
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    let parent = global::get_text_map_propagator(|it| it.extract(&Headers(headers)));
    // Fails only where no layer keeps traces.
    let _ = span.set_parent(parent);
}

/// The headers by which others continue the trace that is under way (W3C Trace Context); none when there is no trace.
pub fn trace_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let context = Span::current().context();
    global::get_text_map_propagator(|it| it.inject_context(&context, &mut Outgoing(&mut headers)));
    headers
}

/// Adds a statement that has just ended to the trace that is under way; nothing while there is none. Its text has no values.
pub fn trace_statement(text: &str, took: Duration, has_failed: bool) {
    let context = Span::current().context();
    if !context.span().span_context().is_valid() {
        return;
    }
    let verb = text.split_whitespace().next().unwrap_or("statement").to_owned();
    let text: String = text.chars().take(LONGEST_STATEMENT).collect();
    let tracer = global::tracer(TRACER);
    let builder = SpanBuilder::from_name(verb)
        .with_kind(SpanKind::Client)
        .with_start_time(opentelemetry::time::now() - took)
        .with_attributes([KeyValue::new("db.query.text", text)]);
    let mut span = tracer.build_with_context(builder, &context);
    if has_failed {
        span.set_status(Status::error("the statement failed"));
    }
    span.end();
}

struct Outgoing<'a>(&'a mut HeaderMap);

impl Injector for Outgoing<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (key.parse::<HeaderName>(), value.parse()) {
            self.0.insert(name, value);
        }
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|it| it.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceId;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[test]
    fn a_span_continues_the_callers_trace() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let subscriber =
            tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer));
        tracing::subscriber::with_default(subscriber, || {
            let mut headers = HeaderMap::new();
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
            headers.insert("traceparent", parent.parse().unwrap());
            let span = tracing::info_span!("request");
            continue_trace(&span, &headers);
            let trace_id = span.context().span().span_context().trace_id();
            assert_eq!(trace_id, TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap());

            let onward = span.in_scope(trace_headers);
            let onward = onward["traceparent"].to_str().unwrap();
            assert!(onward.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{onward}");
            assert!(!onward.contains("00f067aa0ba902b7"), "the span of ours is the parent");
        });
    }
}
