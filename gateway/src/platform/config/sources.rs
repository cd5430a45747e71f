//! `[sources.<name>]`: the CRMs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;
use domain::sources::SourceSystem;

use super::schedule;
pub use super::schedule::{ScheduledMode, ScheduledRun};
use super::section::{Reading, Section};
use super::upstream::Upstream;
use crate::platform::secret::Secret;

/// The CRMs, by the name of their section.
pub type Sources = BTreeMap<String, Source>;

/// One CRM.
#[derive(Debug, Clone)]
pub struct Source {
    /// Which connector speaks to it.
    pub kind: SourceKind,
    /// Its code in provenance, links and errors.
    pub system: SourceSystem,
    /// Where tokens are asked for.
    pub login_url: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that.
    pub login: Login,
    /// The version of its interface; absent means the connector's own.
    pub api_version: Option<String>,
    /// Field mapping; absent means the connector's own.
    pub mapping_file: Option<PathBuf>,
    /// How far behind the watermark each run starts again, for what the CRM stamps late.
    pub overlap: Duration,
    /// Records of one page.
    pub page_size: u32,
    /// Percent of the CRM's daily requests that are left to others.
    pub budget_reserve_percent: u8,
    /// Percent of them that runs leave to people who wait for an answer.
    pub interactive_reserve_percent: u8,
    /// Whether it is told what is served, where the precedence policy writes to it.
    pub write_back: bool,
    /// How requests to it are made.
    pub upstream: Upstream,
    /// Whether plain HTTP to this machine is allowed, for the sandbox.
    pub allow_http_loopback: bool,
    /// An object with so many records is read by a bulk job when it is read from the beginning.
    pub bulk_from: u64,
    /// When it is read without anyone asking.
    pub schedule: Vec<ScheduledRun>,
    /// Secrets of those who push changes, the present one first; nobody may without.
    pub webhook_secrets: Vec<Secret>,
    /// How far the clock of who pushes may be off.
    pub webhook_tolerance: Duration,
    /// Whether who pushes numbers its events one by one.
    pub webhook_counts: bool,
    /// After so long without a push or a run, what changed is read.
    pub webhook_silence: Duration,
}

/// Which connector speaks to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum SourceKind {
    /// Salesforce and what is compatible with it.
    Salesforce,
}

/// How we prove to a CRM who we are.
#[derive(Debug, Clone)]
pub enum Login {
    /// OAuth 2.0 client credentials.
    ClientSecret(Secret),
    /// OAuth 2.0 JWT bearer: a private key (PEM) and the user we act as.
    PrivateKey {
        /// The user.
        username: String,
        /// The key's file.
        file: PathBuf,
        /// `https://login.salesforce.com` or `https://test.salesforce.com`; absent means `login_url`.
        audience: Option<String>,
    },
    /// OAuth 2.0 refresh token, from a web login.
    RefreshToken {
        /// The first token; where tokens rotate, the newest is in the store.
        token: Secret,
        /// The connected app's consumer secret, if it needs one.
        client_secret: Option<Secret>,
        /// What tokens in the store are sealed with.
        key: Secret,
    },
}

/// A shorter key can be guessed.
const SHORTEST_KEY: usize = 16;
/// Default of `overlap`.
pub const OVERLAP: Duration = Duration::from_secs(600);
/// Default of `page_size`: the most Salesforce gives.
pub const PAGE_SIZE: u32 = 2_000;
/// Default of `budget_reserve_percent`.
pub const BUDGET_RESERVE_PERCENT: u8 = 20;

/// Default of `interactive_reserve_percent`.
pub const INTERACTIVE_RESERVE_PERCENT: u8 = 10;
/// Default of `webhook_silence`.
pub const WEBHOOK_SILENCE: Duration = Duration::from_secs(3_600);
/// Default of `webhook_tolerance`.
pub const WEBHOOK_TOLERANCE: Duration = Duration::from_secs(300);
/// Default of `bulk_from`: fewer come sooner page by page.
pub const BULK_FROM: u64 = 20_000;

pub(super) fn read(reading: &mut Reading, zone: Tz) -> Option<Sources> {
    let names = reading.names_in("sources");
    // Collected first: one broken source must not hide the problems of the next.
    let sources: Vec<_> = names.into_iter().map(|name| (Source::read(reading, &name, zone), name)).collect();
    sources.into_iter().map(|(source, name)| Some((name, source?))).collect()
}

impl Source {
    fn read(reading: &mut Reading, name: &str, zone: Tz) -> Option<Self> {
        let mut section = reading.section(format!("sources.{name}"));
        if name.chars().any(char::is_uppercase) {
            section.refuse("kind", "write the section's name in lower case; the code goes into `system`");
        }
        let kind = kind(&mut section);
        let system = system(&mut section, name);
        let login_url = section.required("login_url");
        let client_id = section.required("client_id");
        let login = Login::read(&mut section);
        let api_version = section.optional("api_version");
        let mapping_file = section.path("mapping_file");
        let overlap = section.or("overlap", OVERLAP);
        let page_size = section.within("page_size", 200..=2_000, PAGE_SIZE.into()) as u32;
        let reserve = section.within("budget_reserve_percent", 0..=90, BUDGET_RESERVE_PERCENT.into());
        let interactive = INTERACTIVE_RESERVE_PERCENT.into();
        let interactive = section.within("interactive_reserve_percent", 0..=90, interactive);
        if reserve + interactive > 99 {
            let problem = "together with budget_reserve_percent it leaves nothing to runs";
            section.refuse("interactive_reserve_percent", problem);
        }
        let write_back = section.or("write_back", false);
        let upstream = Upstream::read(&mut section);
        let allow_http_loopback = section.or("allow_http_loopback", false);
        let bulk_from = section.or("bulk_from", BULK_FROM);
        let schedule = schedule::read(&mut section, zone);
        let secrets = [section.optional("webhook_secret"), section.optional("webhook_previous_secret")];
        let webhook_tolerance = section.or("webhook_tolerance", WEBHOOK_TOLERANCE);
        let webhook_counts = section.or("webhook_counts", false);
        let webhook_silence = section.or("webhook_silence", WEBHOOK_SILENCE);
        Some(Self {
            kind: kind?,
            system: system?,
            login_url: login_url?,
            client_id: client_id?,
            login: login?,
            api_version,
            mapping_file,
            overlap,
            page_size,
            budget_reserve_percent: reserve as u8,
            interactive_reserve_percent: interactive as u8,
            write_back,
            upstream,
            allow_http_loopback,
            bulk_from,
            schedule,
            webhook_secrets: secrets.into_iter().flatten().collect(),
            webhook_tolerance,
            webhook_counts,
            webhook_silence,
        })
    }
}

fn kind(section: &mut Section<'_>) -> Option<SourceKind> {
    let kind = section.required::<String>("kind")?.parse().ok();
    if kind.is_none() {
        section.refuse("kind", "expected salesforce");
    }
    kind
}

/// Unless it is given, the code is the section's name in capitals.
fn system(section: &mut Section<'_>, name: &str) -> Option<SourceSystem> {
    let code = section.optional("system").unwrap_or_else(|| name.to_uppercase());
    section.parsed("system", &code)
}

impl Login {
    fn read(section: &mut Section<'_>) -> Option<Self> {
        let secret = section.optional("client_secret");
        let username = section.optional("username");
        let file = section.path("private_key_file");
        let audience = section.optional("audience");
        let tokens = (section.optional("refresh_token"), section.optional::<Secret>("token_key"));
        if tokens.1.as_ref().is_some_and(|it| it.reveal().len() < SHORTEST_KEY) {
            section.refuse("token_key", format_args!("expected {SHORTEST_KEY} characters or more"));
        }
        match (secret, username, file, tokens) {
            (client_secret, None, None, (Some(token), Some(key))) => {
                Some(Self::RefreshToken { token, client_secret, key })
            }
            (Some(secret), None, None, (None, None)) => Some(Self::ClientSecret(secret)),
            (None, Some(username), Some(file), (None, None)) => {
                Some(Self::PrivateKey { username, file, audience })
            }
            _ => {
                let problem =
                    "give client_secret, or username and private_key_file, or refresh_token and token_key";
                section.refuse("client_secret", problem);
                None
            }
        }
    }
}
