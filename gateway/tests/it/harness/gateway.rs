//! A gateway in this process: the real router over a real store, with a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;
use gateway::credentials::standing::Standing;
use gateway::platform::auth::demo_keys::DemoKeys;
use gateway::platform::cache::Cache;
use gateway::platform::clock::Clock;
use gateway::platform::config::{Badges, Config, Server};
use gateway::platform::database::{Database, DatabaseOptions};
use gateway::platform::http::Ide;
use gateway::startup::Services;
use gateway::sync::outbound::Creations;
use gateway::sync::read_through::Refresher;
use gateway::sync::sources::Sources;
use gateway::training::badge::BadgeKey;
use tempfile::TempDir;

use super::time::{START, instant};

/// A running gateway.
pub struct TestGateway {
    /// What the gateway works with.
    pub services: Services,
    /// What clients speak to.
    pub router: Router,
    /// Signs the tokens that this gateway accepts.
    pub keys: DemoKeys,
    folder: Arc<TempDir>,
}

impl TestGateway {
    /// Starts over an empty store at this address.
    pub async fn start(url: &str) -> Self {
        Self::start_at(url, Clock::standing_at(instant(START))).await
    }

    /// Starts over the store at this address, at the time of a clock.
    pub async fn start_at(url: &str, clock: Clock) -> Self {
        Self::start_reading(url, clock, Sources::default()).await
    }

    /// The same with sources.
    pub async fn start_reading(url: &str, clock: Clock, sources: Sources) -> Self {
        Self::start_whole(url, clock, sources, Creations::default()).await
    }

    /// Starts over an empty store at this address, with systems that make records which they lack.
    pub async fn start_making(url: &str, creations: Creations) -> Self {
        Self::start_whole(url, Clock::standing_at(instant(START)), Sources::default(), creations).await
    }

    async fn start_whole(url: &str, clock: Clock, sources: Sources, creations: Creations) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keys = DemoKeys::load_or_make(folder.path()).expect("a key pair");
        let database = database(url).await;
        let services = Services {
            standing: Arc::new(Standing::new(database.clone(), "default", TimeDelta::days(1))),
            database,
            cache: Cache::in_process(),
            clock,
            policies: Arc::default(),
            channels: Arc::default(),
            badges: Arc::new(BadgeKey::new(&Badges { key: Some("a key of tests alone".into()) })),
            calendar: Arc::default(),
            creations: Arc::new(creations),
            sources: Arc::new(sources),
            refresher: Refresher::default(),
        };
        services.seed().await.expect("the store takes its first policies");
        let config = Config { auth: keys.auth(), server: Server::default(), ..Config::default() };
        let (router, _) = services.router(&config, Ide::default()).await.expect("a router");
        Self { services, router, keys, folder: Arc::new(folder) }
    }

    /// A second replica of this gateway, which serves as configured here.
    pub async fn serving(&self, server: Server) -> Self {
        let standing = Standing::new(self.services.database.clone(), "default", TimeDelta::days(1));
        let services = Services { standing: Arc::new(standing), ..self.services.clone() };
        let folder = Arc::clone(&self.folder);
        let keys = DemoKeys::load_or_make(folder.path()).expect("the key pair");
        let config = Config { auth: keys.auth(), server, ..Config::default() };
        let (router, _) = services.router(&config, Ide::default()).await.expect("a router");
        Self { services, router, keys, folder }
    }

    /// The same gateway, started anew with other services.
    pub async fn renew(&mut self, change: impl Fn(&mut Services)) {
        change(&mut self.services);
        let config = Config { auth: self.keys.auth(), server: Server::default(), ..Config::default() };
        let (router, _) = self.services.router(&config, Ide::default()).await.expect("a router");
        self.router = router;
    }
}

async fn database(url: &str) -> Database {
    let options = DatabaseOptions {
        url: url.to_owned(),
        max_connections: 4,
        acquire_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(60),
    };
    let database = Database::connect(options).await.expect("the store opens");
    database.migrate().await.expect("the store takes the schema");
    database
}
