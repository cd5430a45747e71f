//! A CRM to read from: the sandbox over real HTTP, with as many leads as a test needs.

use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{Config, Credentials};
use gateway::platform::jobs::Stop;
use gateway::sync::lease::Holder;
use gateway::sync::run::{Counts, ReadOptions, SyncJob, SyncScope, Unobserved, run};
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Options, Sandbox};

use super::TestGateway;

/// A CRM with this many leads, the same ones each time.
pub async fn given_crm(leads: usize) -> Sandbox {
    Sandbox::start(Options { leads: Some(leads), ..Options::default() }).await.expect("the sandbox starts")
}

impl TestGateway {
    /// Reads what is new in a CRM.
    pub async fn reads(&self, crm: &Sandbox) -> Counts {
        let credentials = Credentials::ClientCredentials {
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.to_owned().into(),
        };
        let mut config = Config::new("CRM".parse().expect("a system"), crm.base_url(), credentials);
        config.allow_http_loopback = true;
        let job = SyncJob {
            database: self.services.database.clone(),
            mastering: self.services.mastering(),
            cache: self.services.cache.clone(),
            connector: registry::connect(SourceConfig::Salesforce(Box::new(config))).expect("a connector"),
            options: ReadOptions::default(),
            holder: Holder::default(),
            stop: Stop::default(),
        };
        let (_, counts) = run(&job, &SyncScope::default(), &Unobserved).await.expect("a run");
        counts
    }
}
