//! A CRM to read from: the sandbox over real HTTP, with as many leads as a test needs.

use chrono::TimeDelta;
use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{Config, Credentials};
use domain::fields::RecordKind;
use gateway::sync::run::{Counts, Observer, SyncJob, SyncScope, run};
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Options, Sandbox};

use super::TestGateway;

/// Watches nothing.
struct Unobserved;

impl Observer for Unobserved {
    fn begin(&self, _: RecordKind) {}
    fn page(&self, _: RecordKind, _: Counts, _: Option<u64>) {}
    fn end(&self, _: RecordKind, _: Counts) {}
}

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
            overlap: TimeDelta::minutes(10),
        };
        let (_, counts) = run(&job, &SyncScope::default(), &Unobserved).await.expect("a run");
        counts
    }
}
