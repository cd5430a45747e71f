//! `[server]`: where requests arrive, how long they may take, how large they may be.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::section::Reading;

/// Address and time-outs.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether the page for trying queries is served.
    pub ide: bool,
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
    /// How often an event stream shows that it lives, and looks whether it may go on.
    pub heartbeat: Duration,
    /// On shutdown: not ready any more, but still accepting, so that load balancers notice first.
    pub drain: Duration,
    /// After that: how long requests under way may still take.
    pub shutdown_timeout: Duration,
    /// Sizes.
    pub limits: Limits,
}

/// How large a request may be. What is larger is refused before it costs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a GraphQL document.
    pub document_bytes: usize,
    /// Tokens of a GraphQL document.
    pub tokens: usize,
    /// Brackets of any kind inside each other, in a document or in variables.
    pub nesting: usize,
    /// Selected fields, with fragments expanded.
    pub selections: usize,
    /// Fields inside each other. GraphiQL's introspection needs 15.
    pub depth: usize,
    /// Cost of a query; a page costs its size times the cost of one entry.
    pub complexity: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            document_bytes: 64 << 10,
            tokens: 4_000,
            nesting: 40,
            selections: 5_000,
            depth: 15,
            complexity: 50_000,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ide: true,
            metrics: true,
            connections: 1_024,
            header_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
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
            metrics: section.or("metrics", default.metrics),
            connections: section.within("connections", 1..=100_000, default.connections as u64) as usize,
            header_timeout: section.or("header_timeout", default.header_timeout),
            body_timeout: section.or("body_timeout", default.body_timeout),
            request_timeout: section.or("request_timeout", default.request_timeout),
            heartbeat: section.or("heartbeat", default.heartbeat),
            drain: section.or("drain", default.drain),
            shutdown_timeout: section.or("shutdown_timeout", default.shutdown_timeout),
            limits: Limits::read(reading),
        }
    }
}

impl Limits {
    fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("server.limits");
        let mut limit =
            |key, most: u64, default: usize| section.within(key, 1..=most, default as u64) as usize;
        Self {
            body_bytes: limit("body_bytes", 64 << 20, default.body_bytes),
            document_bytes: limit("document_bytes", 1 << 20, default.document_bytes),
            tokens: limit("tokens", 100_000, default.tokens),
            // The stack of a worker holds about 300 levels in a debug build.
            nesting: limit("nesting", 100, default.nesting),
            selections: limit("selections", 100_000, default.selections),
            depth: limit("depth", 64, default.depth),
            complexity: limit("complexity", 10_000_000, default.complexity),
        }
    }
}
