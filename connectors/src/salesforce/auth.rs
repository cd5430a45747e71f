//! Sessions.
//!
//! Here: getting a token by client credentials, JWT bearer or refresh token, and a new one when it has ended.
//! A session's length is the org's secret: 401 is how its end is learnt.
//! Not here: using it (`client`).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::config::{Config, Credentials, misconfigured, safe_address};
use super::error::meaning_of_token_error;
use crate::error::ConnectorError;
use crate::http::{HttpClient, RetryPolicy};

/// Salesforce takes assertions for at most three minutes.
const ASSERTION_SECONDS: i64 = 170;
/// How long refused credentials are not tried again.
const REFUSAL_PAUSE: Duration = Duration::from_secs(60);

/// An open session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) token: SecretString,
    /// Where data calls go: the newest token answer knows, nothing else does. Orgs move.
    pub(super) instance: Url,
}

/// Opens sessions, one at a time: a token endpoint counts logins, and simultaneous ones help nobody.
#[derive(Debug)]
pub(super) struct Auth {
    http: HttpClient,
    retry: RetryPolicy,
    login: Url,
    credentials: Credentials,
    allow_http_loopback: bool,
    state: Mutex<State>,
    refused: std::sync::Mutex<Option<Refused>>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Arc<Session>>,
    /// A rotated refresh token that its keeper has not taken yet.
    unkept: Option<SecretString>,
}

/// When the CRM refused our credentials, and how.
#[derive(Debug)]
struct Refused {
    code: String,
    at: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    instance_url: String,
    refresh_token: Option<SecretString>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

/// What a session is asked for with.
type Grant = Vec<(&'static str, String)>;

impl Auth {
    pub(super) fn new(config: &Config, login: Url, http: HttpClient) -> Result<Self, ConnectorError> {
        if let Credentials::JwtBearer { private_key_pem, .. } = &config.credentials {
            signing_key(private_key_pem)?;
        }
        Ok(Self {
            http,
            retry: config.http.retry.clone(),
            login,
            credentials: config.credentials.clone(),
            allow_http_loopback: config.allow_http_loopback,
            state: Mutex::default(),
            refused: std::sync::Mutex::default(),
        })
    }

    /// The open session, or a new one. Whoever comes while one is being opened waits for that one.
    pub(super) async fn session(self: &Arc<Self>) -> Result<Arc<Session>, ConnectorError> {
        if let Some(session) = &self.state.lock().await.current {
            return Ok(session.clone());
        }
        // In a task of its own: whoever asks may go away, and the token that comes with the answer must be kept all the same.
        let auth = Arc::clone(self);
        let opened = tokio::spawn(async move { auth.new_session().await }).await;
        // Tasks are cancelled with the runtime alone, and then nobody waits here.
        opened.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))
    }

    async fn new_session(&self) -> Result<Arc<Session>, ConnectorError> {
        let mut state = self.state.lock().await;
        if let Some(session) = state.current.as_ref() {
            return Ok(session.clone());
        }
        self.refuse_again()?;
        let opened = self.open(&mut state).await;
        self.note(opened.as_ref().err());
        let session = Arc::new(opened?);
        Ok(state.current.insert(session).clone())
    }

    /// Gives up a session that was refused. Whoever comes second finds it replaced already.
    pub(super) async fn discard(&self, refused: &Arc<Session>) {
        let mut state = self.state.lock().await;
        if state.current.as_ref().is_some_and(|it| Arc::ptr_eq(it, refused)) {
            state.current = None;
        }
    }

    /// Whether the CRM refused our credentials when they were last used.
    pub(super) fn is_refused(&self) -> bool {
        self.refused().is_some()
    }

    /// Credentials that were just refused are not tried again at once: CRMs lock users out for that.
    fn refuse_again(&self) -> Result<(), ConnectorError> {
        match self.refused().as_ref().filter(|it| it.at.elapsed() < REFUSAL_PAUSE) {
            Some(Refused { code, .. }) => Err(ConnectorError::CredentialsRefused { code: code.clone() }),
            None => Ok(()),
        }
    }

    fn note(&self, failure: Option<&ConnectorError>) {
        match failure {
            Some(ConnectorError::CredentialsRefused { code }) => {
                *self.refused() = Some(Refused { code: code.clone(), at: Instant::now() });
            }
            Some(_) => {}
            None => *self.refused() = None,
        }
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Option<Refused>> {
        self.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn open(&self, state: &mut State) -> Result<Session, ConnectorError> {
        let mut backoff = self.retry.start();
        loop {
            match self.ask_for_token(state).await {
                Ok(session) => return Ok(session),
                Err(error) => backoff.after(error).await?,
            }
        }
    }

    async fn ask_for_token(&self, state: &mut State) -> Result<Session, ConnectorError> {
        let mut form = self.grant().await?;
        if state.unkept.is_some() {
            self.keep(state).await?;
            form = self.grant().await?;
        }
        let session = self.exchange(state, form).await;
        // As long as a token is not kept, others would use the one before, which is dead.
        if state.unkept.is_none() {
            self.give_back().await;
        }
        session
    }

    /// Gets a session for a grant, of which it is our turn.
    async fn exchange(&self, state: &mut State, form: Grant) -> Result<Session, ConnectorError> {
        let request = self.http.request(Method::POST, self.address("/services/oauth2/token")).form(&form);
        let answer = self.http.send(request).await?;
        if !answer.status.is_success() {
            return Err(meaning_of_token_error(&answer));
        }
        let token: TokenAnswer = answer.json()?;
        state.unkept = token.refresh_token;
        self.keep(state).await?;
        let instance = safe_address("instance_url", &token.instance_url, self.allow_http_loopback)?;
        tracing::info!(instance = crate::http::host_of(&instance), "CRM session opened");
        Ok(Session { token: token.access_token, instance })
    }

    /// Hands a rotated refresh token to its keeper. Until that has worked, no session is used and no other token is
    /// asked for: the grant would be lost with this process.
    async fn keep(&self, state: &mut State) -> Result<(), ConnectorError> {
        let Credentials::RefreshToken { keeper, .. } = &self.credentials else { return Ok(()) };
        let Some(token) = &state.unkept else { return Ok(()) };
        keeper.keep(token).await.map_err(|source| ConnectorError::TokenNotKept { source })?;
        state.unkept = None;
        Ok(())
    }

    /// A turn that cannot be given back ends by itself.
    async fn give_back(&self) {
        let Credentials::RefreshToken { keeper, .. } = &self.credentials else { return };
        if let Err(error) = keeper.give_back().await {
            tracing::warn!(
                error = &*error,
                "the turn with a refresh token was not given back; others wait until it ends"
            );
        }
    }

    async fn grant(&self) -> Result<Grant, ConnectorError> {
        match &self.credentials {
            Credentials::ClientCredentials { client_id, client_secret } => Ok(vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", client_id.clone()),
                ("client_secret", client_secret.expose_secret().to_owned()),
            ]),
            Credentials::RefreshToken { client_id, client_secret, keeper } => {
                let token = keeper.take().await.map_err(|source| ConnectorError::TokenNotKept { source })?;
                let mut form = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("client_id", client_id.clone()),
                    ("refresh_token", token.expose_secret().to_owned()),
                ];
                form.extend(client_secret.iter().map(|it| ("client_secret", it.expose_secret().to_owned())));
                Ok(form)
            }
            Credentials::JwtBearer { client_id, username, private_key_pem, audience } => {
                let login = self.login.origin().ascii_serialization();
                let aud = audience.as_deref().unwrap_or(&login);
                let exp = self.login_time().await?.timestamp() + ASSERTION_SECONDS;
                let claims = Claims { iss: client_id, sub: username, aud, exp };
                let assertion = jsonwebtoken::encode(
                    &Header::new(Algorithm::RS256),
                    &claims,
                    &signing_key(private_key_pem)?,
                )
                .map_err(|_| misconfigured("private_key_file", UNUSABLE_KEY))?;
                Ok(vec![
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
                    ("assertion", assertion),
                ])
            }
        }
    }

    /// The clock an assertion is judged by. Asking for it costs a request and makes ours irrelevant.
    async fn login_time(&self) -> Result<DateTime<Utc>, ConnectorError> {
        let request = self.http.request(Method::GET, self.address("/services/data"));
        self.http.send(request).await?.server_time()
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.login.clone();
        url.set_path(path);
        url.set_query(None);
        url
    }
}

const UNUSABLE_KEY: &str = "it is no RSA private key in PEM";

fn signing_key(pem: &SecretString) -> Result<EncodingKey, ConnectorError> {
    EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes())
        .map_err(|_| misconfigured("private_key_file", UNUSABLE_KEY))
}
