//! Sessions.
//!
//! Here: getting a token by client credentials or JWT bearer, and getting a new one when it has ended.
//! A session's length is the org's secret: 401 is how its end is learnt.
//! Not here: using it (`client`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::config::{Config, Credentials, misconfigured, safe_address};
use super::error::meaning_of_token_error;
use crate::error::ConnectorError;
use crate::http::{HttpClient, RetryPolicy};

/// Salesforce takes assertions for at most three minutes.
const ASSERTION_SECONDS: i64 = 170;

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
    current: Mutex<Option<Arc<Session>>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    instance_url: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

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
            current: Mutex::new(None),
        })
    }

    /// The open session, or a new one.
    pub(super) async fn session(&self) -> Result<Arc<Session>, ConnectorError> {
        let mut current = self.current.lock().await;
        if let Some(session) = current.as_ref() {
            return Ok(session.clone());
        }
        let session = Arc::new(self.open().await?);
        Ok(current.insert(session).clone())
    }

    /// Gives up a session that was refused. Whoever comes second finds it replaced already.
    pub(super) async fn discard(&self, refused: &Arc<Session>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|it| Arc::ptr_eq(it, refused)) {
            *current = None;
        }
    }

    async fn open(&self) -> Result<Session, ConnectorError> {
        let mut backoff = self.retry.start();
        loop {
            match self.ask_for_token().await {
                Ok(session) => return Ok(session),
                Err(error) => backoff.after(error).await?,
            }
        }
    }

    async fn ask_for_token(&self) -> Result<Session, ConnectorError> {
        let form = self.grant().await?;
        let request = self.http.request(Method::POST, self.address("/services/oauth2/token")).form(&form);
        let answer = self.http.send(request).await?;
        if !answer.status.is_success() {
            return Err(meaning_of_token_error(&answer));
        }
        let token: TokenAnswer = answer.json()?;
        let instance = safe_address("instance_url", &token.instance_url, self.allow_http_loopback)?;
        tracing::info!(instance = crate::http::host_of(&instance), "CRM session opened");
        Ok(Session { token: token.access_token.into(), instance })
    }

    async fn grant(&self) -> Result<Vec<(&'static str, String)>, ConnectorError> {
        match &self.credentials {
            Credentials::ClientCredentials { client_id, client_secret } => Ok(vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", client_id.clone()),
                ("client_secret", client_secret.expose_secret().to_owned()),
            ]),
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
