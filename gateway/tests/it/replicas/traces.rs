//! A request as a trace: what the caller began goes on through fields and statements into the CRM.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::Value;
use tokio::net::TcpListener;

use super::fleet::{Fleet, Replica};
use crate::harness::given_crm;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// An OpenTelemetry collector that keeps what it is sent.
struct Collector {
    address: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn start() -> Self {
        let spans = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, spans }
    }

    /// The spans of one trace.
    fn of(&self, trace: &str) -> Vec<Span> {
        let spans = self.spans.lock().unwrap();
        spans.iter().filter(|it| hex(&it.trace_id) == trace).cloned().collect()
    }
}

async fn take(State(spans): State<Arc<Mutex<Vec<Span>>>>, body: Bytes) {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    let scopes = sent.resource_spans.into_iter().flat_map(|it| it.scope_spans);
    spans.lock().unwrap().extend(scopes.flat_map(|it| it.spans));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// The names of the spans above one, from its parent to the first.
fn above(spans: &[Span], span: &Span) -> Vec<String> {
    let parent = spans.iter().find(|it| it.span_id == span.parent_span_id);
    let Some(parent) = parent else { return vec![hex(&span.parent_span_id)] };
    let mut names = vec![parent.name.clone()];
    names.extend(above(spans, parent));
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_from_the_caller_through_fields_and_statements_to_the_crm() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite://{}", folder.path().join("gateway.db").display());
    let (crm, collector) = (given_crm(20).await, Collector::start().await);
    let fleet = Fleet::over(&store, "").await.reading(&crm);
    fleet.run(&["sync", "run"]).await;
    let fleet =
        fleet.with("GATEWAY__TELEMETRY__OTLP_ENDPOINT", &collector.address).with("NO_PROXY", "127.0.0.1");
    let mut replica = Replica::start(&fleet).await;
    let leads = replica.ask(&fleet, "{ leads(first: 1) { nodes { id } } }").await;
    let id = leads["data"]["leads"]["nodes"][0]["id"].as_str().unwrap();

    let question = format!("query Fresh {{ lead(id: \"{id}\", maxAge: \"PT0S\") {{ id }} }}");
    let request = replica.request(&fleet, &question).header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["lead"]["id"], id, "{answer}");
    replica.stop().await;

    let spans = collector.of(TRACE);
    let way = |name: &str| {
        let named = spans.iter().filter(|it| it.name == name);
        named.map(|it| above(&spans, it)).collect::<Vec<_>>()
    };
    assert_eq!(way("request"), [[CALLER]], "{spans:#?}");
    assert_eq!(way("Query.lead"), [["request", CALLER]]);
    let below_the_field = ["Query.lead", "request", CALLER].map(str::to_owned).to_vec();
    assert!(way("SELECT").contains(&below_the_field), "{:?}", way("SELECT"));
    assert!(way("CRM request").contains(&below_the_field), "{:?}", way("CRM request"));
    let request = spans.iter().find(|it| it.name == "request").unwrap();
    let named = request.attributes.iter().find(|it| it.key == "graphql.operation.name").unwrap();
    assert!(format!("{named:?}").contains("Fresh"), "{named:?}");
    let told = format!("{spans:?}");
    assert!(!told.contains(id), "nothing of what was asked for: {told}");
}
