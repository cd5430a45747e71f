//! Requests to Salesforce.
//!
//! Here: address, token, allowance and retries around each request. Not here: what is asked (`read`, `write`).

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;

use super::auth::{Auth, Session};
use super::config::{Config, misconfigured};
use super::error::{Intent, LIMIT_HEADER, meaning, usage};
use crate::connector::ApiBudget;
use crate::error::ConnectorError;
use crate::http::budget::BudgetGuard;
use crate::http::retry::Backoff;
use crate::http::{Answer, HttpClient, RetryPolicy};

/// Address and headers together may have 16,384 bytes; this leaves room for the headers.
const LONGEST_ADDRESS: usize = 14_000;
/// Bodies above this are decoded on a thread that may be busy.
const LARGE_BODY: usize = 64 * 1024;

/// One request, before it has an address and a token.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query behind the instance's host.
    pub(super) path: String,
    /// What it is about, for errors: object, or object and id.
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
    /// What a failure means depends on it.
    pub(super) intent: Intent,
}

impl Call {
    pub(super) fn get(path: String, subject: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path,
            subject: subject.into(),
            headers: HeaderMap::new(),
            body: None,
            intent: Intent::Read,
        }
    }

    /// A question that is too long for an address, or opens something that harms nobody when it is opened twice.
    pub(super) fn question(path: String, subject: impl Into<String>, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_string(body).expect("our own questions are JSON");
        Self { method: Method::POST, body: Some(body), ..Self::get(path, subject) }
    }

    /// A change.
    pub(super) fn change(method: Method, path: String, subject: impl Into<String>, body: String) -> Self {
        Self { method, body: Some(body), intent: Intent::Write, ..Self::get(path, subject) }
    }
}

/// Requests to one org.
pub(super) struct Client {
    http: HttpClient,
    auth: Auth,
    retry: RetryPolicy,
    budget: BudgetGuard,
    version: String,
    pub(super) page_size: u32,
}

impl Client {
    pub(super) fn new(config: &Config) -> Result<Self, ConnectorError> {
        let login = config.checked_login_url()?;
        let http = HttpClient::new(&config.http, &login)?;
        Ok(Self {
            auth: Auth::new(config, login, http.clone())?,
            http,
            retry: config.http.retry.clone(),
            budget: BudgetGuard::leaving(config.budget_reserve_percent),
            version: config.api_version.clone(),
            page_size: config.page_size,
        })
    }

    pub(super) fn budget(&self) -> Option<ApiBudget> {
        self.budget.last()
    }

    /// The attempts at one piece of work that is more than one request.
    pub(super) fn backoff(&self) -> Backoff<'_> {
        self.retry.start()
    }

    /// A path of the REST API in our version.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/services/data/v{}{rest}", self.version)
    }

    /// Proves that the org is there, lets us in, and speaks our version.
    pub(super) async fn check_version(&self) -> Result<(), ConnectorError> {
        let call = Call::get(self.path("/"), "the API");
        match self.call(&call, |answer| answer.json::<IgnoredAny>()).await {
            Ok(_) => Ok(()),
            Err(ConnectorError::NotFound { .. } | ConnectorError::Rejected { .. }) => {
                Err(misconfigured("api_version", format!("the CRM does not know version {}", self.version)))
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a request until it succeeds, fails for good, or patience ends. A session that has ended is replaced
    /// once. Decoding is part of the attempt: a cut-off answer is asked for again.
    pub(super) async fn call<T, D>(&self, call: &Call, decode: D) -> Result<T, ConnectorError>
    where
        T: Send + 'static,
        D: Fn(&Answer) -> Result<T, ConnectorError> + Clone + Send + 'static,
    {
        let mut backoff = self.retry.start();
        let mut is_renewed = false;
        loop {
            let session = self.auth.session().await?;
            match self.attempt(&session, call, decode.clone()).await {
                Ok(value) => return Ok(value),
                Err(ConnectorError::SessionRefused { .. }) if !is_renewed => {
                    is_renewed = true;
                    self.auth.discard(&session).await;
                }
                // A second try might make a second record.
                Err(error) if call.intent == Intent::Create && error.leaves_doubt() => return Err(error),
                Err(error) => backoff.after(error).await?,
            }
        }
    }

    async fn attempt<T, D>(&self, session: &Session, call: &Call, decode: D) -> Result<T, ConnectorError>
    where
        T: Send + 'static,
        D: Fn(&Answer) -> Result<T, ConnectorError> + Send + 'static,
    {
        self.budget.admit()?;
        let answer = self.send(session, call).await?;
        if let Some((used, limit)) = answer.header(LIMIT_HEADER).and_then(usage) {
            self.budget.note(ApiBudget { used, limit });
        }
        if !answer.status.is_success() {
            return Err(meaning(&answer, &call.subject, call.intent));
        }
        if answer.body.len() < LARGE_BODY {
            return decode(&answer);
        }
        let decoded = tokio::task::spawn_blocking(move || decode(&answer)).await;
        decoded.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    async fn send(&self, session: &Session, call: &Call) -> Result<Answer, ConnectorError> {
        let url = address(&session.instance, &call.path)?;
        let request = self.http.request(call.method.clone(), url);
        let request = request.bearer_auth(session.token.expose_secret()).headers(call.headers.clone());
        let request = match &call.body {
            Some(body) => request.header("Content-Type", "application/json").body(body.clone()),
            None => request,
        };
        self.http.send(request).await
    }
}

/// Keeps the host of the instance whatever the path says: some paths come out of answers.
fn address(instance: &Url, path: &str) -> Result<Url, ConnectorError> {
    let origin = instance.origin().ascii_serialization();
    let url = Url::parse(&format!("{origin}/{}", path.trim_start_matches('/')));
    match url {
        Ok(url) if url.as_str().len() <= LONGEST_ADDRESS => Ok(url),
        _ => Err(misconfigured(
            "mapping",
            "its fields make queries longer than the CRM takes; map fewer fields",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_lead_to_another_host() {
        let instance = Url::parse("https://acme.my.salesforce.com").unwrap();
        for path in ["/services/data", "//evil.example/x", "@evil.example/x", ".evil.example"] {
            let url = address(&instance, path).unwrap();
            assert_eq!(url.host_str(), Some("acme.my.salesforce.com"), "{path}");
        }
    }

    #[test]
    fn an_address_longer_than_the_crm_takes_is_refused() {
        let instance = Url::parse("https://acme.my.salesforce.com").unwrap();
        assert!(address(&instance, &"x".repeat(20_000)).is_err());
    }
}
