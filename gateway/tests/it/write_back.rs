//! Telling the CRM what it says otherwise: edits, conflicts, refusals, lost answers, loops.

mod edits;
mod making;
mod making_in_doubt;
mod making_together;
mod trouble;

use std::sync::Arc;

use chrono::TimeDelta;
use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{Config, Credentials};
use connectors::{Connector, Mapping, http::HttpOptions, http::RetryPolicy};
use domain::fields::RecordKind;
use domain::sync::{OutboundOperation, OutboundState};
use entity::sync::outbound_change;
use gateway::platform::database::insert_rows;
use gateway::platform::jobs::Stop;
use gateway::sync::lease::Holder;
use gateway::sync::outbound::Creations;
use gateway::sync::outbound::sender::{Sender, Sent};
use gateway::sync::run::{ReadOptions, SyncJob, SyncScope, Unobserved, run};
use sandbox::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};

use crate::harness::{Answer, TestGateway, on_every_store_making};
use crate::sync::crm::Crm;

/// Later than everything in the demo data.
const NOW: &str = "2026-11-20T00:00:00Z";

/// A gateway and the CRM it has read.
struct Scene<'a> {
    gateway: &'a TestGateway,
    crm: Crm,
    connector: Arc<dyn Connector>,
}

/// Plays a scene once on each store, after one reading of a small CRM.
async fn after_a_reading(scene: impl AsyncFn(&Scene<'_>)) {
    after_reading(20, scene).await;
}

/// Plays a scene once on each store, after one reading of a CRM with so many leads.
async fn after_reading(leads: usize, scene: impl AsyncFn(&Scene<'_>)) {
    after_reading_with(leads, Mapping::salesforce(), scene).await;
}

/// The same with a mapping of its own.
async fn after_reading_with(leads: usize, mapping: Mapping, scene: impl AsyncFn(&Scene<'_>)) {
    let mut creations = Creations::default();
    creations.add(&"CRM".parse().unwrap(), &mapping);
    on_every_store_making(&creations, async |gateway| {
        let crm = Crm::start_at(leads, NOW).await;
        gateway
            .let_pass(NOW.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - gateway.services.clock.now());
        let connector = connector(&crm, mapping.clone());
        let it = Scene { gateway, crm, connector };
        it.read().await;
        // What the demo data itself calls for is not what these scenes are about.
        it.push().await;
        it.later().await;
        scene(&it).await;
    })
    .await;
}

fn connector(crm: &Crm, mapping: Mapping) -> Arc<dyn Connector> {
    let credentials = Credentials::ClientCredentials {
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: DEMO_CLIENT_SECRET.to_owned().into(),
    };
    let mut config = Config::new("CRM".parse().unwrap(), crm.address(), credentials);
    config.allow_http_loopback = true;
    config.mapping = Arc::new(mapping);
    let base = std::time::Duration::from_millis(1);
    config.http =
        HttpOptions { retry: RetryPolicy { attempts: 1, base, ..Default::default() }, ..config.http };
    registry::connect(SourceConfig::Salesforce(Box::new(config))).unwrap()
}

impl Scene<'_> {
    /// Reads what is new in the CRM.
    async fn read(&self) -> u64 {
        self.read_by(&self.connector).await
    }

    /// Reads what is new in a source.
    async fn read_by(&self, connector: &Arc<dyn Connector>) -> u64 {
        let services = &self.gateway.services;
        let job = SyncJob {
            database: services.database.clone(),
            mastering: services.mastering(),
            cache: services.cache.clone(),
            connector: Arc::clone(connector),
            options: ReadOptions::default(),
            holder: Holder::default(),
            stop: Stop::default(),
        };
        run(&job, &SyncScope::default(), &Unobserved).await.unwrap().1.changed
    }

    fn sender(&self) -> Sender {
        let services = &self.gateway.services;
        Sender {
            database: services.database.clone(),
            mastering: services.mastering(),
            cache: services.cache.clone(),
            connector: Arc::clone(&self.connector),
        }
    }

    /// Writes back what waits.
    async fn push(&self) -> Sent {
        self.sender().send_all(&|_| {}).await.unwrap()
    }

    /// Puts values of fields of these leads into the outbox.
    async fn is_to_tell(&self, fields: &[(&str, &str)], leads: &[String]) {
        let services = &self.gateway.services;
        let now = services.clock.now();
        let wish =
            |(field, value): &(&str, &str)| ((*field).to_owned(), json!({ "value": value, "since": now }));
        let values = Value::Object(fields.iter().map(wish).collect()).to_string();
        let mut rows = Vec::new();
        for lead in leads {
            rows.push(outbound_change::Model {
                id: services.clock.new_id(),
                system: "CRM".parse().unwrap(),
                object: "Lead".to_owned(),
                external_id: lead.clone(),
                operation: OutboundOperation::Update,
                kind: RecordKind::Lead,
                golden_id: self.gateway.golden_of(RecordKind::Lead, lead).await,
                values: values.clone(),
                key: lead.clone(),
                state: OutboundState::Pending,
                attempts: 0,
                conflicts: 0,
                next_attempt_at: now,
                leased_until: None,
                sent_at: None,
                ended_at: None,
                category: None,
                code: None,
                message: None,
                created_at: now,
                updated_at: now,
            });
        }
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
        insert_rows::<outbound_change::Entity, _>(services.database.read(), rows, None).await.unwrap();
    }

    /// Lets a minute pass, here and there.
    async fn later(&self) {
        self.passes(TimeDelta::minutes(1));
    }

    fn passes(&self, length: TimeDelta) {
        self.gateway.let_pass(length);
        self.crm.admin().advance(length.to_std().unwrap());
    }

    async fn edit(&self, id: &str, field: &str, value: &str) -> Answer {
        let input = json!({ "recordId": id, "values": [{ "field": field, "value": value }] });
        let selection = "pendingFields record { id }";
        self.gateway.as_admin().change("editRecord", input, selection).await
    }

    async fn id_of(&self, kind: RecordKind, external_id: &str) -> String {
        self.gateway.id_of(kind, external_id).await
    }

    /// What is served of a lead.
    async fn lead(&self, id: &str, fields: &str) -> Value {
        let question = format!("query It($id: ID!) {{ lead(id: $id) {{ {fields} }} }}");
        self.gateway.as_admin().ask_with(&question, json!({ "id": id })).await.at("/lead").clone()
    }

    async fn opportunity(&self, id: &str, fields: &str) -> Value {
        let question = format!("query It($id: ID!) {{ opportunity(id: $id) {{ {fields} }} }}");
        self.gateway.as_admin().ask_with(&question, json!({ "id": id })).await.at("/opportunity").clone()
    }

    /// Changes of the outbox in a state.
    async fn changes(&self, state: &str) -> Vec<Value> {
        let question = format!(
            "{{ outboundChanges(filter: {{ states: [{state}] }}) {{ id operation externalId code message conflicts \
             values {{ field value requestedBy }} }} }}"
        );
        let answer = self.gateway.as_admin().ask(&question).await;
        answer.at("/outboundChanges").as_array().unwrap().clone()
    }

    /// Open tasks of a kind.
    async fn tasks(&self, kind: &str) -> Vec<Value> {
        let question = format!(
            "{{ reviewTasks(filter: {{ kind: [{kind}], state: [OPEN] }}) {{ nodes {{ id details {{ name value }} }} }} }}"
        );
        self.gateway.as_admin().ask(&question).await.at("/reviewTasks/nodes").as_array().unwrap().clone()
    }
}
