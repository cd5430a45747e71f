//! What a sandbox is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::scenario::Scenario;

/// The client id of [`Options::default`].
pub const DEMO_CLIENT_ID: &str = "partner-gateway-demo";
/// The client secret of [`Options::default`]. It protects nothing but demo data.
pub const DEMO_CLIENT_SECRET: &str = "demo-client-secret";
/// The user whom client credentials run as.
pub const DEMO_USERNAME: &str = "integration@demo.example.com";
/// How many leads the demo org has unless told otherwise.
pub const DEMO_LEADS: usize = 2_000;
/// The seed of the demo org unless told otherwise.
pub const DEMO_SEED: u64 = 20_261_122;

/// Everything that can be chosen. `Options::default()` is the demo org on any free port;
/// [`Options::empty_org`] has users only.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen. Port 0 takes any free one.
    pub address: SocketAddr,
    /// How many leads the generator makes; `None` for an org without any demo data.
    pub leads: Option<usize>,
    /// The same seed gives the same org.
    pub seed: u64,
    /// The connected app's id.
    pub client_id: String,
    /// The connected app's secret.
    pub client_secret: String,
    /// Public keys of apps that log in by JWT bearer assertions.
    pub jwt_keys: Vec<JwtKey>,
    /// How long a session lives after its token was given out.
    pub session_lifetime: Duration,
    /// API calls within 24 hours.
    pub api_budget: u64,
    /// Keeps writes over restarts: replayed at start, appended to with each write.
    pub journal: Option<PathBuf>,
    /// When given, admin endpoints want it as bearer token; else they answer local callers only.
    pub admin_token: Option<String>,
    /// When given, the org's clock stands at this instant and moves only when the admin advances it.
    pub frozen_at: Option<DateTime<Utc>>,
    /// What goes wrong, and when.
    pub scenario: Scenario,
}

/// A public key and the user it may act as.
#[derive(Debug, Clone)]
pub struct JwtKey {
    /// RSA, `-----BEGIN PUBLIC KEY-----`.
    pub public_key_pem: String,
    /// The `sub` its assertions may name.
    pub username: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            leads: Some(DEMO_LEADS),
            seed: DEMO_SEED,
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.to_owned(),
            jwt_keys: Vec::new(),
            session_lifetime: Duration::from_secs(2 * 3600),
            api_budget: 1_000_000,
            journal: None,
            admin_token: None,
            frozen_at: None,
            scenario: Scenario::default(),
        }
    }
}

impl Options {
    /// An org with its users and nothing else.
    pub fn empty_org() -> Options {
        Options { leads: None, ..Options::default() }
    }

    /// Names the seeded org, so that a journal is replayed over the right one.
    pub(crate) fn seeded(&self) -> String {
        match self.leads {
            Some(leads) => format!("demo-1 leads={leads} seed={}", self.seed),
            None => "empty-1".to_owned(),
        }
    }
}
