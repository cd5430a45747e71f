//! What has to be known to talk to one Salesforce.
//!
//! Here: the settings, their defaults and their checks. Not here: where they come from (the gateway's configuration).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::sources::SourceSystem;
use reqwest::Url;
use secrecy::SecretString;

use crate::error::ConnectorError;
use crate::http::{HttpOptions, is_loopback};
use crate::mapping::Mapping;

/// The API version we are written and tested against.
const API_VERSION: &str = "62.0";
/// Salesforce gives no more than this in a page, and no less than 200 unless rows are wide.
const LARGEST_PAGE: u32 = 2_000;

/// The settings of one Salesforce.
#[derive(Debug, Clone)]
pub struct Config {
    /// The code its records carry in our store.
    pub system: SourceSystem,
    /// The org's own address (My Domain), such as `https://acme.my.salesforce.com`. Data addresses come from
    /// the token answers, never from here.
    pub login_url: String,
    /// How we prove who we are.
    pub credentials: Credentials,
    /// Version of the REST API, such as `62.0`.
    pub api_version: String,
    /// Records to ask for in a page: 200 to 2000.
    pub page_size: u32,
    /// Bulk readings.
    pub bulk: BulkOptions,
    /// Percent of the org's daily requests that are left to others: 0 to 99. We stop when only those are left.
    pub budget_reserve_percent: u8,
    /// Percent of the org's daily requests that runs leave to people who wait for an answer: 0 to 99.
    pub interactive_reserve_percent: u8,
    /// Take `http` addresses of this machine. Any other address must be `https`.
    pub allow_http_loopback: bool,
    /// Time-outs, compression, retries.
    pub http: HttpOptions,
    /// Which of their fields holds which of ours.
    pub mapping: Arc<Mapping>,
}

/// How bulk readings are made.
#[derive(Debug, Clone)]
pub struct BulkOptions {
    /// Records to ask for in a page of results. A page is held in memory while it is taken in.
    pub page_size: u32,
    /// The first wait for a job; each later one is half as long again.
    pub first_pause: Duration,
    /// The longest wait between two questions.
    pub longest_pause: Duration,
    /// How long a job is waited for before the caller is told to come back later.
    pub patience: Duration,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            page_size: 10_000,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
            patience: Duration::from_secs(30 * 60),
        }
    }
}

/// How we prove who we are.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// OAuth 2.0 client credentials; the connected app names the user it runs as.
    ClientCredentials {
        /// Consumer key of the connected app.
        client_id: String,
        /// Consumer secret of the connected app.
        client_secret: SecretString,
    },
    /// OAuth 2.0 JWT bearer; the connected app is approved for the user beforehand.
    JwtBearer {
        /// Consumer key of the connected app.
        client_id: String,
        /// Login name of the user.
        username: String,
        /// RSA key, in PEM, of the certificate in the connected app.
        private_key_pem: SecretString,
        /// `https://login.salesforce.com` or `https://test.salesforce.com`; `None` is the login address itself.
        audience: Option<String>,
    },
    /// OAuth 2.0 refresh token, from a web login. Where tokens rotate, each use brings a new one.
    RefreshToken {
        /// Consumer key of the connected app.
        client_id: String,
        /// Consumer secret, if the app needs it.
        client_secret: Option<SecretString>,
        /// Where the token is kept, shared by everybody who uses this grant.
        keeper: Arc<dyn TokenKeeper>,
    },
}

/// Keeps a refresh token. A rotated one is dead at once, and using it again revokes the whole grant: so one at a time uses it, in
/// whatever process, with the newest token, and a new one is kept before the session it came with is used.
#[async_trait]
pub trait TokenKeeper: std::fmt::Debug + Send + Sync {
    /// The newest token, when nobody else uses the grant; who uses it may ask again. Others wait until it is given back, or until a
    /// process that never will has been gone for longer than any request takes.
    async fn take(&self) -> Result<SecretString, TokenKeeperError>;
    /// Keeps a token durably, in place of the one before, for whoever has the turn.
    async fn keep(&self, token: &SecretString) -> Result<(), TokenKeeperError>;
    /// Lets others use the grant.
    async fn give_back(&self) -> Result<(), TokenKeeperError>;
}

/// Why a token could not be loaded or kept.
pub type TokenKeeperError = Box<dyn std::error::Error + Send + Sync>;

impl Config {
    /// Settings that suit most orgs, with the default mapping.
    pub fn new(system: SourceSystem, login_url: impl Into<String>, credentials: Credentials) -> Self {
        Self {
            system,
            login_url: login_url.into(),
            credentials,
            api_version: API_VERSION.to_owned(),
            page_size: LARGEST_PAGE,
            bulk: BulkOptions::default(),
            budget_reserve_percent: 20,
            interactive_reserve_percent: 10,
            allow_http_loopback: false,
            http: HttpOptions::default(),
            mapping: Arc::new(Mapping::salesforce()),
        }
    }

    /// Refuses settings that cannot work; returns the login address.
    pub(super) fn checked_login_url(&self) -> Result<Url, ConnectorError> {
        let is_version =
            |it: &str| it.split('.').count() == 2 && it.split('.').all(|n| n.parse::<u8>().is_ok());
        if !is_version(&self.api_version) {
            return Err(misconfigured("api_version", "write it as 62.0"));
        }
        if self.budget_reserve_percent > 99 {
            return Err(misconfigured("budget_reserve_percent", "it is a share of 0 to 99 percent"));
        }
        if self.budget_reserve_percent.saturating_add(self.interactive_reserve_percent) > 99 {
            return Err(misconfigured(
                "interactive_reserve_percent",
                "together with the others' share it leaves nothing to runs",
            ));
        }
        if !(200..=LARGEST_PAGE).contains(&self.page_size) {
            return Err(misconfigured("page_size", "a page has 200 to 2000 records"));
        }
        if self.bulk.page_size == 0 {
            return Err(misconfigured("bulk.page_size", "a page has at least one record"));
        }
        safe_address("login_url", &self.login_url, self.allow_http_loopback)
    }
}

/// An address that credentials and tokens may be sent to.
pub(super) fn safe_address(
    key: &'static str,
    text: &str,
    allow_http_loopback: bool,
) -> Result<Url, ConnectorError> {
    let url = Url::parse(text).map_err(|_| misconfigured(key, "it is no address; write https://host"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_http_loopback && is_loopback(&url) => Ok(url),
        _ => Err(misconfigured(
            key,
            "it must be https; plain http is for this machine, with `allow_http_loopback`",
        )),
    }
}

pub(super) fn misconfigured(key: &'static str, problem: impl Into<String>) -> ConnectorError {
    ConnectorError::Misconfigured { key, problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(login_url: &str, allow: bool, is_fine: bool) {
        assert_eq!(safe_address("login_url", login_url, allow).is_ok(), is_fine, "{login_url}");
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        check("https://acme.my.salesforce.com", false, true);
        check("http://127.0.0.1:8080", true, true);
        check("http://[::1]:8080", true, true);
        check("http://localhost:8080", true, true);
        check("http://127.0.0.1:8080", false, false);
        check("http://acme.my.salesforce.com", true, false);
        check("http://localhost.example.com", true, false);
        check("acme", true, false);
    }
}
