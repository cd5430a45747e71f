//! `[server]`: where requests arrive, how long they may take, who may send them from a browser.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use super::limits::Limits;
use super::section::{Reading, Section};

/// Address and time-outs.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether the page for trying queries is served.
    pub ide: bool,
    /// Whether the API tells its types.
    pub introspection: bool,
    /// Whether a document that was sent with its hash may be named by it from then on.
    pub persisted_queries: bool,
    /// The only documents that are executed, by their names; absent: any.
    pub trusted_documents: Option<PathBuf>,
    /// Sites whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// Whether figures for monitoring are served at `/metrics`.
    pub metrics: bool,
    /// Connections at the same time; more wait to be accepted.
    pub connections: usize,
    /// For a request's head, and for a connection without one. Longer than load balancers keep idle
    /// connections, or they send requests into one that is just being closed.
    pub header_timeout: Duration,
    /// For a request's whole body.
    pub body_timeout: Duration,
    /// From a complete request to its answer.
    pub request_timeout: Duration,
    /// For the first message of a socket, which says who is there.
    pub init_timeout: Duration,
    /// How often an event stream or a socket shows that it lives, and looks whether it may go on.
    pub heartbeat: Duration,
    /// On shutdown: not ready any more, but still accepting, so that load balancers notice first.
    pub drain: Duration,
    /// After that: how long requests under way may still take.
    pub shutdown_timeout: Duration,
    /// Sizes.
    pub limits: Limits,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ide: true,
            introspection: true,
            persisted_queries: true,
            trusted_documents: None,
            cors_origins: Vec::new(),
            metrics: true,
            connections: 1_024,
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            init_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
            drain: Duration::from_secs(5),
            shutdown_timeout: Duration::from_secs(20),
            limits: Limits::default(),
        }
    }
}

impl Server {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("server");
        Self {
            listen: section.or("listen", default.listen),
            ide: section.or("ide", default.ide),
            introspection: section.or("introspection", default.introspection),
            persisted_queries: section.or("persisted_queries", default.persisted_queries),
            trusted_documents: section.path("trusted_documents"),
            cors_origins: cors_origins(&mut section),
            metrics: section.or("metrics", default.metrics),
            connections: section.within("connections", 1..=100_000, default.connections as u64) as usize,
            header_timeout: section.or("header_timeout", default.header_timeout),
            body_timeout: section.or("body_timeout", default.body_timeout),
            request_timeout: section.or("request_timeout", default.request_timeout),
            init_timeout: section.or("init_timeout", default.init_timeout),
            heartbeat: section.or("heartbeat", default.heartbeat),
            drain: section.or("drain", default.drain),
            shutdown_timeout: section.or("shutdown_timeout", default.shutdown_timeout),
            limits: Limits::read(reading),
        }
    }
}

/// Sites are named one by one: a wildcard would let every page in the world use a token that it got hold of.
fn cors_origins(section: &mut Section<'_>) -> Vec<String> {
    let origins: Vec<String> = section.optional("cors_origins").unwrap_or_default();
    let is_origin = |it: &String| {
        reqwest::Url::parse(it).is_ok_and(|url| url.has_host() && url.origin().ascii_serialization() == *it)
    };
    if !origins.iter().all(is_origin) {
        section.refuse("cors_origins", "expected sites such as https://app.example.com, without a path");
    }
    origins
}
