//! A running sandbox with a session, and short ways to speak to it.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use sandbox::{Admin, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Options, Sandbox};
use serde_json::Value;

/// The version all tests speak, unless they are about versions.
pub(crate) const DATA: &str = "/services/data/v62.0";

pub(crate) struct Crm {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Crm {
    /// An org with users only, whose clock stands at 2026-11-01T00:00:00Z.
    pub(crate) async fn empty() -> Crm {
        let frozen_at = chrono::DateTime::parse_from_rfc3339("2026-11-01T00:00:00Z").unwrap().to_utc();
        Crm::start(Options { frozen_at: Some(frozen_at), ..Options::empty_org() }).await
    }

    pub(crate) async fn demo(leads: usize) -> Crm {
        Crm::start(Options { leads: Some(leads), ..Options::default() }).await
    }

    pub(crate) async fn start(options: Options) -> Crm {
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut crm = Crm { sandbox, http, token: String::new() };
        crm.log_in().await;
        crm
    }

    pub(crate) async fn log_in(&mut self) {
        let answer = self.token(&[
            ("grant_type", "client_credentials"),
            ("client_id", DEMO_CLIENT_ID),
            ("client_secret", DEMO_CLIENT_SECRET),
        ]);
        self.token = answer.await.json["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        read(self.http.post(self.url("/services/oauth2/token")).form(form)).await
    }

    pub(crate) fn admin(&self) -> &Admin {
        self.sandbox.admin()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    /// A request with the session; paths without a leading slash are below [`DATA`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{DATA}/{path}") };
        self.http.request(method, self.url(&path)).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        read(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        read(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        read(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        read(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn query(&self, soql: &str) -> Answer {
        read(self.request(Method::GET, "query").query(&[("q", soql)])).await
    }

    pub(crate) async fn query_all(&self, soql: &str) -> Answer {
        read(self.request(Method::GET, "queryAll").query(&[("q", soql)])).await
    }

    /// Creates a record that must be accepted; answers its id.
    pub(crate) async fn create(&self, object: &str, body: Value) -> String {
        let answer = self.post(&format!("sobjects/{object}"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json["id"].as_str().unwrap().to_owned()
    }

    /// One column of a query's records.
    pub(crate) async fn column(&self, soql: &str, name: &str) -> Vec<Value> {
        let answer = self.query(soql).await;
        assert_eq!(answer.status, 200, "{soql}: {}", answer.text);
        answer.records().iter().map(|it| it[name].clone()).collect()
    }
}

impl Answer {
    pub(crate) fn records(&self) -> &Vec<Value> {
        self.json["records"].as_array().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// Must be refused with this status and code, in an array.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.json[0]["errorCode"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
    }
}

pub(crate) async fn read(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, json }
}
