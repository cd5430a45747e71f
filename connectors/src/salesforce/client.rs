//! Requests to Salesforce.
//!
//! Here: address, token, allowance and retries around each request. Not here: what is asked (`read`, `write`).

use std::sync::Arc;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;

use super::auth::{Auth, Session};
use super::config::{Config, misconfigured};
use super::error::{Intent, LIMIT_HEADER, meaning, usage};
use crate::connector::{ApiBudget, Health, Priority};
use crate::error::ConnectorError;
use crate::http::budget::BudgetGuard;
use crate::http::circuit::Breaker;
use crate::http::pace::Pace;
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
    /// Made even when the allowance is spent: it tells how much is left.
    pub(super) is_free: bool,
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
            is_free: false,
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

/// Requests to one org. Clones share the connection.
#[derive(Clone)]
pub(super) struct Client {
    connection: Arc<Connection>,
    priority: Priority,
}

/// What all requests to one org have in common.
struct Connection {
    http: HttpClient,
    auth: Arc<Auth>,
    retry: RetryPolicy,
    budget: BudgetGuard,
    pace: Pace,
    breaker: Breaker,
    version: String,
    page_size: u32,
}

impl Client {
    pub(super) fn new(config: &Config) -> Result<Self, ConnectorError> {
        let login = config.checked_login_url()?;
        let http = HttpClient::new(&config.http, &login)?;
        let connection = Connection {
            auth: Arc::new(Auth::new(config, login, http.clone())?),
            http,
            retry: config.http.retry.clone(),
            budget: BudgetGuard::leaving(config.budget_reserve_percent, config.interactive_reserve_percent),
            pace: Pace::up_to(config.http.concurrency),
            breaker: Breaker::new(config.http.circuit.clone()),
            version: config.api_version.clone(),
            page_size: config.page_size,
        };
        Ok(Self { connection: Arc::new(connection), priority: Priority::default() })
    }

    /// The same connection for requests of a priority.
    pub(super) fn at_priority(&self, priority: Priority) -> Self {
        Self { priority, ..self.clone() }
    }

    pub(super) fn page_size(&self) -> u32 {
        self.connection.page_size
    }

    pub(super) fn budget(&self) -> Option<ApiBudget> {
        self.connection.budget.last()
    }

    /// Takes note of what the CRM told of the allowance.
    pub(super) fn note(&self, budget: ApiBudget) {
        self.connection.budget.note(budget);
    }

    pub(super) fn health(&self) -> Health {
        let connection = &self.connection;
        let (concurrency, in_flight) = connection.pace.reading();
        Health {
            circuit: connection.breaker.reading(),
            concurrency,
            in_flight,
            budget: connection.budget.last(),
            is_reserved: connection.budget.is_reserved(),
            are_credentials_refused: connection.auth.is_refused(),
        }
    }

    /// The attempts at one piece of work that is more than one request.
    pub(super) fn backoff(&self) -> Backoff<'_> {
        self.connection.retry.start()
    }

    /// A path of the REST API in our version.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/services/data/v{}{rest}", self.connection.version)
    }

    /// Proves that the org is there, lets us in, and speaks our version.
    pub(super) async fn check_version(&self) -> Result<(), ConnectorError> {
        let call = Call::get(self.path("/"), "the API");
        match self.call(&call, |answer| answer.json::<IgnoredAny>()).await {
            Ok(_) => Ok(()),
            Err(ConnectorError::NotFound { .. } | ConnectorError::Rejected { .. }) => Err(misconfigured(
                "api_version",
                format!("the CRM does not know version {}", self.connection.version),
            )),
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
        let mut backoff = self.backoff();
        let mut is_renewed = false;
        loop {
            match self.attempt(call, decode.clone()).await {
                Ok(value) => return Ok(value),
                Err((ConnectorError::SessionRefused { .. }, Some(session))) if !is_renewed => {
                    is_renewed = true;
                    self.connection.auth.discard(&session).await;
                }
                // A second try might make a second record.
                Err((error, _)) if call.intent == Intent::Create && error.leaves_doubt() => {
                    return Err(error);
                }
                Err((error, _)) => backoff.after(error).await?,
            }
        }
    }

    /// One attempt; a failure comes with the session it was made in.
    async fn attempt<T, D>(&self, call: &Call, decode: D) -> Result<T, (ConnectorError, Option<Arc<Session>>)>
    where
        T: Send + 'static,
        D: Fn(&Answer) -> Result<T, ConnectorError> + Send + 'static,
    {
        let connection = &self.connection;
        if !call.is_free {
            connection.budget.admit(self.priority).map_err(|it| (it, None))?;
        }
        connection.breaker.admit().map_err(|it| (it, None))?;
        let session = connection.auth.session().await.map_err(|it| (connection.noting(it), None))?;
        let permit = connection.pace.permit(self.priority).await;
        let outcome = match connection.exchange(&session, call).await {
            Ok(answer) => decoded(answer, decode).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(value) => {
                permit.went_well();
                connection.breaker.answered();
                Ok(value)
            }
            Err(error) => {
                if error.asks_for_less() {
                    permit.was_too_much();
                }
                Err((connection.noting(error), Some(session)))
            }
        }
    }
}

impl Connection {
    /// Sends one request; an answer that is no success is an error.
    async fn exchange(&self, session: &Session, call: &Call) -> Result<Answer, ConnectorError> {
        let answer = self.send(session, call).await?;
        if let Some((used, limit)) = answer.header(LIMIT_HEADER).and_then(usage) {
            self.budget.note(ApiBudget { used, limit });
        }
        match answer.status.is_success() {
            true => Ok(answer),
            false => Err(meaning(&answer, &call.subject, call.intent)),
        }
    }

    /// Tells the breaker what a failure says of the CRM.
    fn noting(&self, error: ConnectorError) -> ConnectorError {
        match &error {
            ConnectorError::Unreachable { .. } | ConnectorError::Unavailable { .. } => {
                self.breaker.failed(error.asked_pause());
            }
            // Our own store failed; the CRM has no part in it.
            ConnectorError::TokenNotKept { .. } | ConnectorError::Garbled { .. } => {}
            _ => self.breaker.answered(),
        }
        error
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

/// Large answers are decoded on a thread that may be busy.
async fn decoded<T, D>(answer: Answer, decode: D) -> Result<T, ConnectorError>
where
    T: Send + 'static,
    D: Fn(&Answer) -> Result<T, ConnectorError> + Send + 'static,
{
    if answer.body.len() < LARGE_BODY {
        return decode(&answer);
    }
    let decoded = tokio::task::spawn_blocking(move || decode(&answer)).await;
    decoded.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
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
