//! Pins and locks: what a person fixes counts whatever sources say, until it ends.

mod command_line;
mod ends;
mod listed;
mod merges;
mod refusals;
mod values;

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{Field, lead};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Said, TestGateway, instant};

/// What is shown of the phone of a lead.
const PHONE: &str = "query Phone($id: ID!) { lead(id: $id) { phone provenance(fields: [\"phone\"]) {
    source rule version pin { field value reason by until } lock { field reason by until }
    withoutHold { value source rule } losers { value source lostAt } } } }";

/// One person, as the CRM knows her.
fn sato() -> Said {
    Said::lead("00Q1").with(lead::email, "sato@kyokuyo.example").with(lead::phone, "03-1234-5678")
}

/// What we say of the same person ourselves.
fn own() -> Said {
    sato().by("OWN")
}

impl TestGateway {
    fn as_steward(&self) -> Client<'_> {
        self.as_staff(Role::DataSteward, "steward")
    }

    /// Lets time pass until an instant.
    fn comes_to(&self, text: &str) {
        self.let_pass(instant(text) - self.services.clock.now());
    }

    /// The CRM says something now.
    async fn crm_says(&self, said: Said) {
        self.let_pass(TimeDelta::seconds(1));
        self.hears([said.modified(self.services.clock.now())]).await;
    }

    async fn pins(&self, id: &str, field: &str, value: &str) -> Answer {
        let input = json!({ "recordId": id, "field": field, "value": value, "reason": "本人に確認" });
        self.as_steward().change("pinField", input, "recordId provenance { value rule }").await
    }

    async fn locks(&self, id: &str, field: &str, until: Option<&str>) -> Answer {
        let input = json!({ "recordId": id, "field": field, "reason": "移行中", "until": until });
        self.as_steward().change("lockField", input, "recordId provenance { value rule }").await
    }

    async fn unpins(&self, id: &str, field: &str) -> Answer {
        let input = json!({ "recordId": id, "field": field, "reason": "不要になった" });
        self.as_steward().change("unpinField", input, "recordId provenance { value rule }").await
    }

    async fn phone(&self, id: &str) -> Value {
        let answer = self.as_steward().ask_with(PHONE, json!({ "id": id })).await;
        answer.at("/lead").clone()
    }

    /// The value served of a field of a lead.
    async fn served(&self, id: &str, field: Field) -> Value {
        let question = format!("query Served($id: ID!) {{ lead(id: $id) {{ value: {} }} }}", camel(field));
        let answer = self.as_steward().ask_with(&question, json!({ "id": id })).await;
        answer.at("/lead/value").clone()
    }

    /// Kinds and states of the review tasks, oldest first.
    async fn tasks(&self) -> Vec<String> {
        let answer = self.as_admin().ask("{ reviewTasks { nodes { kind state } } }").await;
        let nodes = answer.at("/reviewTasks/nodes").as_array().unwrap().clone();
        let told = |it: &Value| format!("{} {}", it["kind"].as_str().unwrap(), it["state"].as_str().unwrap());
        nodes.iter().map(told).collect()
    }

    async fn expires_holds(&self) {
        self.services.run_job(gateway::golden::pins::expiry::JOB).await.unwrap();
    }
}

fn camel(field: Field) -> &'static str {
    match field.name() {
        "postal_code" => "postalCode",
        "first_name" => "firstName",
        "last_name" => "lastName",
        name => name,
    }
}
