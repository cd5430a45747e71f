//! The CRM as its own users see it: they write to it over HTTP, and its administrator has switches.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Client, Method};
use sandbox::{Admin, Fault, Options, Sandbox};
use serde_json::{Value, json};

/// Where the CRM's clock stands, later than everything in the demo data.
const NOW: &str = "2026-11-20T00:00:00Z";
/// Tests let hours pass, and a user's session shall outlive them.
const SESSION: Duration = Duration::from_secs(365 * 86_400);

/// A running CRM and a user who is logged in.
pub struct Crm {
    sandbox: Sandbox,
    client: Client,
    token: String,
}

impl Crm {
    /// Starts a demo org with so many leads.
    pub async fn start(leads: usize) -> Self {
        Self::start_at(leads, NOW).await
    }

    /// Starts a demo org with so many leads and its clock at an instant.
    pub async fn start_at(leads: usize, now: &str) -> Self {
        let frozen_at = Some(now.parse::<DateTime<Utc>>().unwrap());
        let options =
            Options { leads: Some(leads), frozen_at, session_lifetime: SESSION, ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let token = log_in(&client, &sandbox.base_url()).await;
        Self { sandbox, client, token }
    }

    /// Where it answers.
    pub fn address(&self) -> String {
        self.sandbox.base_url()
    }

    /// The switches behind it.
    pub fn admin(&self) -> &Admin {
        self.sandbox.admin()
    }

    /// Switches a fault on.
    pub fn suffer(&self, fault: Fault) {
        self.sandbox.faults().inject(fault);
    }

    /// Ends all faults.
    pub fn recover(&self) {
        self.sandbox.faults().clear();
    }

    /// How many pages it has been asked for.
    pub fn asked_pages(&self) -> u64 {
        self.admin()
            .requests()
            .iter()
            .filter(|(what, _)| what.starts_with("GET query"))
            .map(|(_, it)| it)
            .sum()
    }

    /// The ids that a SOQL query finds.
    pub async fn ids(&self, soql: &str) -> Vec<String> {
        let answer = self.send(Method::GET, "query", &[("q", soql)], None).await;
        let records = answer["records"].as_array().unwrap().iter();
        records.map(|it| it["Id"].as_str().unwrap().to_owned()).collect()
    }

    /// The id of the first record of an object.
    pub async fn any(&self, object: &str) -> String {
        self.ids(&format!("SELECT Id FROM {object} ORDER BY Id LIMIT 1")).await.remove(0)
    }

    /// Creates a record; answers its id.
    pub async fn create(&self, object: &str, fields: Value) -> String {
        let answer = self.send(Method::POST, &format!("sobjects/{object}"), &[], Some(fields)).await;
        answer["id"].as_str().unwrap().to_owned()
    }

    /// Changes a record.
    pub async fn update(&self, object: &str, id: &str, fields: Value) {
        self.send(Method::PATCH, &format!("sobjects/{object}/{id}"), &[], Some(fields)).await;
    }

    /// A field of a record.
    pub async fn read(&self, object: &str, id: &str, field: &str) -> Value {
        let path = format!("sobjects/{object}/{id}");
        self.send(Method::GET, &path, &[("fields", field)], None).await[field].clone()
    }

    /// Puts a record into the recycle bin.
    pub async fn delete(&self, object: &str, id: &str) {
        self.send(Method::DELETE, &format!("sobjects/{object}/{id}"), &[], None).await;
    }

    async fn send(&self, method: Method, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Value {
        let url = format!("{}/services/data/v62.0/{path}", self.address());
        let mut request = self.client.request(method, url).bearer_auth(&self.token).query(query);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(json!(null))
    }
}

async fn log_in(client: &Client, address: &str) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", sandbox::DEMO_CLIENT_ID),
        ("client_secret", sandbox::DEMO_CLIENT_SECRET),
    ];
    let request = client.post(format!("{address}/services/oauth2/token")).form(&form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
