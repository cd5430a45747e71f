//! One TOML file; every key also from the environment; unknown keys and bad values refused by name.
//!
//! Here: the sections, and reading them from a file and from variables such as `GATEWAY__DATABASE__URL`.
//! Not here: opening what they describe. Every section can also be built in code, from its `Default`.

mod section;
mod setting;

pub mod auth;
pub mod badges;
pub mod cache;
pub mod calendar;
pub mod database;
mod freshness;
pub mod jobs;
mod limits;
pub mod notifications;
pub mod policies;
mod schedule;
pub mod server;
pub mod sources;
pub mod telemetry;
mod upstream;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Table;

pub use auth::Auth;
pub use badges::Badges;
pub use cache::Cache;
pub use calendar::Calendar;
pub use database::Database;
pub use freshness::Freshness;
pub use jobs::Jobs;
pub use notifications::Notifications;
pub use policies::Policies;
pub use section::Key;
pub use server::Server;
pub use sources::Sources;
pub use telemetry::Telemetry;
pub use upstream::Upstream;

use section::Reading;
use setting::Setting;

/// Everything that an operator can choose.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Address, time-outs and limits of requests.
    pub server: Server,
    /// The store.
    pub database: Database,
    /// What replicas share.
    pub cache: Cache,
    /// Whose tokens are accepted.
    pub auth: Auth,
    /// What happens without anyone asking.
    pub jobs: Jobs,
    /// What partners may ask for with `maxAge`.
    pub freshness: Freshness,
    /// Logs and traces.
    pub telemetry: Telemetry,
    /// The CRMs, by the name of their section.
    pub sources: Sources,
    /// Files of rules that replace the built-in ones.
    pub policies: Policies,
    /// On which days nobody works.
    pub calendar: Calendar,
    /// With what badges of certifications are signed.
    pub badges: Badges,
    /// Where messages to people go.
    pub notifications: Notifications,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or may not be read.
    #[error("cannot read the configuration {}: {source}; check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}, line {line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, counted from 1.
        line: usize,
        /// What the parser expected.
        message: String,
    },
    /// Keys that are unknown, missing or wrong: one line each.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
}

impl Config {
    /// Reads the file, if there is one, and lays this process's environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        match file {
            Some(path) => Self::read(&text_of(path)?, path, environment),
            None => Self::read("", Path::new(""), environment),
        }
    }

    /// Reads the text of a file; `path` is named in errors, and its folder is where relative paths start.
    pub fn read(text: &str, path: &Path, environment: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let table = text.parse::<Table>().map_err(|error| malformed(path, text, &error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut reading = Reading::new(table, environment, folder);
        let config = Self::sections(&mut reading);
        match (config, reading.finish().1) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(ConfigError::Refused(problems)),
        }
    }

    /// Every key with its default. Sections that repeat are named `<name>`.
    pub fn keys() -> BTreeSet<Key> {
        let sample = "[auth.issuers.'<name>']\naudience = []\n[sources.'<name>']\nkind = ''\n[notifications.rooms.'<name>']\nservice = ''\n";
        let table = sample.parse::<Table>().expect("the sample is TOML");
        let mut reading = Reading::new(table, BTreeMap::new(), Path::new(""));
        Self::sections(&mut reading);
        reading.finish().0
    }

    /// `None` when a required key is missing. Reads on nevertheless, so that every problem is found.
    fn sections(reading: &mut Reading) -> Option<Self> {
        let server = Server::read(reading);
        let database = Database::read(reading);
        let cache = Cache::read(reading);
        let auth = Auth::read(reading);
        let jobs = Jobs::read(reading);
        let freshness = Freshness::read(reading);
        let telemetry = Telemetry::read(reading);
        let sources = sources::read(reading, jobs.time_zone);
        let policies = Policies::read(reading);
        let calendar = Calendar::read(reading);
        let badges = Badges::read(reading);
        let notifications = Notifications::read(reading);
        Some(Self {
            server,
            database,
            cache,
            auth: auth?,
            jobs,
            freshness,
            telemetry: telemetry?,
            sources: sources?,
            policies,
            calendar,
            badges,
            notifications: notifications?,
        })
    }
}

/// Reads a length of time as the configuration writes it, such as `30s` or `10m`.
pub fn length_of_time(text: &str) -> Result<Duration, String> {
    Duration::from_text(text).ok_or_else(|| format!("expected {}", Duration::EXPECTED))
}

fn text_of(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    ConfigError::Malformed { path: path.to_owned(), line, message: error.message().to_owned() }
}

#[cfg(test)]
mod tests;
