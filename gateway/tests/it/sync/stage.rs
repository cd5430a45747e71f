//! A CRM, a store and a clock, and the reading of one into the other.
//!
//! Here: setting them up and syncing. Not here: changing the CRM (`crm`), looking into the store (`store`).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use connectors::SourceConfig;
use connectors::http::{HttpOptions, RetryPolicy};
use connectors::salesforce::{Config, Credentials};
use gateway::golden::service::Mastering;
use gateway::platform::clock::Clock;
use gateway::platform::jobs::Stop;
use gateway::platform::secret::Secret;
use gateway::policies::Policies;
use gateway::sync::lease::Holder;
use gateway::sync::run::{self, Counts, ReadOptions, SyncFailure, SyncJob, SyncScope, Unobserved};
use gateway::sync::sources::{ConfiguredSource, Sources};
use gateway::sync::webhooks::{Expectations, WebhookKeys};
use serde_json::json;

use super::crm::Crm;
use super::store::Store;
use crate::harness::{TestGateway, on_every_shared_store};

/// The smallest page there is, so that little data has many pages.
pub const PAGE_SIZE: u32 = 200;

/// What the CRM signs its pushes with.
pub const WEBHOOK_SECRET: &str = "pushed-by-the-crm";

/// A CRM and an empty store to read it into.
pub struct Stage {
    /// The CRM.
    pub crm: Crm,
    /// The store.
    pub store: Store,
    /// The gateway's time; the CRM has its own.
    pub clock: Clock,
}

/// Plays a scene once on each store: SQLite in a file, and PostgreSQL where a server is named.
pub async fn on_every_store(leads: usize, scene: impl AsyncFn(&Stage)) {
    on_every_shared_store(async |url| scene(&Stage::set(leads, url).await).await).await;
}

impl Stage {
    async fn set(leads: usize, url: &str) -> Self {
        let crm = Crm::start(leads).await;
        let clock = Clock::standing_at(crm.admin().now());
        Self { crm, store: Store::open(url).await, clock }
    }

    /// Reads what is new.
    pub async fn sync(&self) -> Result<Counts, SyncFailure> {
        self.sync_as(&self.config(), SyncScope::default()).await
    }

    /// Reads with other settings.
    pub async fn sync_as(&self, config: &Config, scope: SyncScope) -> Result<Counts, SyncFailure> {
        run::run(&self.job(config), &scope, &Unobserved).await.map(|(_, counts)| counts)
    }

    /// A run that has not begun.
    pub fn job(&self, config: &Config) -> SyncJob {
        job(&self.store, &self.clock, config)
    }

    /// Settings that fit the CRM, with little patience: a test has none.
    pub fn config(&self) -> Config {
        let credentials = Credentials::ClientCredentials {
            client_id: sandbox::DEMO_CLIENT_ID.to_owned(),
            client_secret: sandbox::DEMO_CLIENT_SECRET.to_owned().into(),
        };
        let mut config = Config::new("CRM".parse().unwrap(), self.crm.address(), credentials);
        config.page_size = PAGE_SIZE;
        config.allow_http_loopback = true;
        let base = Duration::from_millis(2);
        config.http =
            HttpOptions { retry: RetryPolicy { attempts: 4, base, ..Default::default() }, ..config.http };
        config
    }

    /// Lets time pass, for the gateway and for the CRM.
    pub fn let_pass(&self, length: TimeDelta) {
        self.clock.advance(length);
        self.crm.admin().advance(length.to_std().unwrap());
    }

    /// A gateway over the store.
    pub async fn gateway(&self) -> TestGateway {
        TestGateway::start_at(&self.store.url, self.clock.clone()).await
    }

    /// A gateway over the store that knows the CRM, and takes its pushes.
    pub async fn gateway_with_source(&self) -> TestGateway {
        let source = ConfiguredSource {
            name: "crm".to_owned(),
            job: self.job(&self.config()),
            schedule: Vec::new(),
            reserve_percent: 20,
            interactive_reserve_percent: 10,
            write_back: false,
            pushes: Expectations { counts: true, silence: None },
            webhook: WebhookKeys {
                secrets: vec![Secret::from(WEBHOOK_SECRET)],
                tolerance: TimeDelta::minutes(5),
            },
        };
        TestGateway::start_reading(&self.store.url, self.clock.clone(), Sources::of([source])).await
    }

    /// A new store into which the CRM as it is now was read once, undisturbed.
    pub async fn undisturbed(&self) -> Store {
        let pending = self.crm.admin().faults().pending();
        assert!(pending.is_empty(), "a fault would disturb the undisturbed run: {pending:?}");
        let store = Store::open("sqlite::memory:").await;
        let job = job(&store, &self.clock, &self.config());
        run::run(&job, &SyncScope::default(), &Unobserved).await.unwrap();
        store
    }

    /// A new lead in the CRM, unlike all others.
    pub async fn new_lead(&self) -> String {
        let fields = json!({
            "LastName": "小鳥遊", "FirstName": "楓", "Company": "有限会社つぐみ製作所",
            "Email": "kaede@tsugumi.example.jp", "Title": "係長",
        });
        self.crm.create("Lead", fields).await
    }
}

fn job(store: &Store, clock: &Clock, config: &Config) -> SyncJob {
    SyncJob {
        database: store.database.clone(),
        mastering: Mastering {
            policies: Arc::new(Policies::default()),
            clock: clock.clone(),
            creations: Arc::default(),
        },
        cache: gateway::platform::cache::Cache::in_process(),
        connector: connectors::connect(SourceConfig::Salesforce(Box::new(config.clone()))).unwrap(),
        options: ReadOptions::default(),
        holder: Holder::default(),
        stop: Stop::default(),
    }
}

/// What a gateway in a process of its own has to be told to read the CRM into the store.
pub fn environment(stage: &Stage) -> Vec<(&'static str, String)> {
    vec![
        ("GATEWAY__DATABASE__URL", stage.store.url.clone()),
        ("GATEWAY__SOURCES__CRM__KIND", "salesforce".to_owned()),
        ("GATEWAY__SOURCES__CRM__LOGIN_URL", stage.crm.address()),
        ("GATEWAY__SOURCES__CRM__CLIENT_ID", sandbox::DEMO_CLIENT_ID.to_owned()),
        ("GATEWAY__SOURCES__CRM__CLIENT_SECRET", sandbox::DEMO_CLIENT_SECRET.to_owned()),
        ("GATEWAY__SOURCES__CRM__ALLOW_HTTP_LOOPBACK", "true".to_owned()),
        ("GATEWAY__SOURCES__CRM__PAGE_SIZE", PAGE_SIZE.to_string()),
    ]
}
