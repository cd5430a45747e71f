//! Talking HTTP, the same way for every CRM.
//!
//! Here: one client with time-outs and traces, what an answer is, retries, and the allowance of requests.
//! Not here: what a CRM's statuses and bodies mean (its folder).

mod answer;
pub(crate) mod budget;
pub(crate) mod circuit;
pub(crate) mod pace;
pub(crate) mod retry;

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Request, RequestBuilder, Url};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::error::ConnectorError;

pub(crate) use answer::{Answer, to_http_date};
pub use circuit::CircuitPolicy;
pub use retry::RetryPolicy;

/// How requests are made.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a complete answer. CRMs may work two minutes on a query.
    pub timeout: Duration,
    /// Whether to ask for compressed answers. Never done on this machine, where it costs more than it saves.
    pub gzip: bool,
    /// How transient failures are retried.
    pub retry: RetryPolicy,
    /// When a CRM that is down is left alone.
    pub circuit: CircuitPolicy,
    /// The most requests under way at once; fewer as soon as the CRM complains.
    pub concurrency: u32,
    /// What every request carries besides, such as the trace that it belongs to.
    pub headers: fn() -> HeaderMap,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(130),
            gzip: true,
            retry: RetryPolicy::default(),
            circuit: CircuitPolicy::default(),
            concurrency: 8,
            headers: HeaderMap::new,
        }
    }
}

/// The client of one CRM.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient {
    inner: reqwest::Client,
    headers: fn() -> HeaderMap,
}

impl HttpClient {
    /// A client that follows no redirects, so that credentials go nowhere else, and never uses a proxy to
    /// reach this machine itself.
    pub(crate) fn new(options: &HttpOptions, address: &Url) -> Result<Self, ConnectorError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("partner-gateway/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .gzip(options.gzip && !is_loopback(address));
        if is_loopback(address) {
            builder = builder.no_proxy();
        }
        let unusable =
            |it: reqwest::Error| ConnectorError::Misconfigured { key: "http", problem: it.to_string() };
        Ok(Self { inner: builder.build().map_err(unusable)?, headers: options.headers })
    }

    pub(crate) fn request(&self, method: reqwest::Method, url: Url) -> RequestBuilder {
        self.inner.request(method, url)
    }

    /// Sends once and reads the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, ConnectorError> {
        let request = request.build().map_err(|it| ConnectorError::Misconfigured {
            key: "request",
            problem: it.without_url().to_string(),
        })?;
        let span = tracing::info_span!(
            "CRM request",
            otel.kind = "client",
            http.request.method = %request.method(),
            server.address = host_of(request.url()),
            http.response.status_code = tracing::field::Empty,
        );
        self.exchange(request).instrument(span).await
    }

    async fn exchange(&self, mut request: Request) -> Result<Answer, ConnectorError> {
        request.headers_mut().extend((self.headers)());
        let (method, url, started) = (request.method().clone(), request.url().clone(), Instant::now());
        let host = host_of(&url);
        // The error would repeat the address, and a query may hold ids.
        let broken =
            |it: reqwest::Error| ConnectorError::Unreachable { host: host.clone(), source: it.without_url() };
        let response = self.inner.execute(request).await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        Span::current().record("http.response.status_code", status.as_u16());
        let body = Vec::from(response.bytes().await.map_err(broken)?);
        tracing::debug!(
            %method, host, path = url.path(), status = status.as_u16(), bytes = body.len(),
            elapsed_ms = started.elapsed().as_millis() as u64, "CRM answered"
        );
        Ok(Answer { host, status, headers, body })
    }
}

/// Host and port, as errors and traces show it.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the address is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}
