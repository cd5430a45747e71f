//! From the configuration to what it describes: the only place that builds everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connectors::mapping::{Mapping, MappingError};
use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{self, Credentials};
use connectors::{Connector, ConnectorError};
use mastering::policy::{MatchingPolicy, PolicyError, PrecedencePolicy};
use sea_orm::DbErr;

use crate::platform::config;
use crate::platform::config::sources::{Login, Source, SourceKind};
use crate::platform::database::{Database, DatabaseOptions};

/// Why something that the configuration describes cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The database does not let us in.
    #[error("the database cannot be opened: {0}; check database.url and that the database runs")]
    Database(#[source] DbErr),
    /// There is none yet, and looking must not make one.
    #[error("there is no database at {0} yet; run `gateway migrate`")]
    NoDatabase(String),
    /// A file that a key names cannot be read.
    #[error("cannot read {}, which `{key}` names: {source}", path.display())]
    Unreadable {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of rules is wrong.
    #[error("{}: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PolicyError,
    },
    /// A field mapping is wrong.
    #[error("{}: {source}", path.display())]
    Mapping {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: MappingError,
    },
    /// The connector does not take its settings.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
}

/// Connects to the database.
pub async fn database(config: &config::Database) -> Result<Database, StartupError> {
    let options = DatabaseOptions {
        url: config.url.reveal().to_owned(),
        max_connections: config.max_connections,
        acquire_timeout: config.acquire_timeout,
    };
    Database::connect(options).await.map_err(StartupError::Database)
}

/// Connects to a database that is there. Connecting to SQLite alone would make the file.
pub async fn existing_database(config: &config::Database) -> Result<Database, StartupError> {
    match sqlite_file(config.url.reveal()) {
        Some(file) if !Path::new(file).exists() => Err(StartupError::NoDatabase(file.to_owned())),
        _ => database(config).await,
    }
}

/// The file of an address such as `sqlite://gateway.db?mode=rwc`.
fn sqlite_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().filter(|it| *it != ":memory:")
}

/// The rules: the configured files, or the built-in ones.
pub fn policies(config: &config::Policies) -> Result<(MatchingPolicy, PrecedencePolicy), StartupError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |source| StartupError::Policy { path, source }
    };
    let matching = match &config.matching_file {
        Some(path) => MatchingPolicy::parse(&read("policies.matching_file", path)?).map_err(wrong(path))?,
        None => MatchingPolicy::default(),
    };
    let precedence = match &config.precedence_file {
        Some(path) => {
            PrecedencePolicy::parse(&read("policies.precedence_file", path)?).map_err(wrong(path))?
        }
        None => PrecedencePolicy::default(),
    };
    Ok((matching, precedence))
}

/// The connector of a source. Talks to nobody yet.
pub fn connector(source: &Source) -> Result<Arc<dyn Connector>, StartupError> {
    let config = match source.kind {
        SourceKind::Salesforce => SourceConfig::Salesforce(Box::new(salesforce(source)?)),
    };
    Ok(registry::connect(config)?)
}

fn salesforce(source: &Source) -> Result<salesforce::Config, StartupError> {
    let credentials = credentials(source)?;
    let mut config = salesforce::Config::new(source.system.clone(), &source.login_url, credentials);
    config.page_size = source.page_size;
    config.budget_reserve_percent = source.budget_reserve_percent;
    config.allow_http_loopback = source.allow_http_loopback;
    if let Some(version) = &source.api_version {
        config.api_version.clone_from(version);
    }
    if let Some(path) = &source.mapping_file {
        let mapping = Mapping::parse(&read("sources.*.mapping_file", path)?);
        config.mapping =
            Arc::new(mapping.map_err(|source| StartupError::Mapping { path: path.clone(), source })?);
    }
    Ok(config)
}

fn credentials(source: &Source) -> Result<Credentials, StartupError> {
    let client_id = source.client_id.clone();
    Ok(match &source.login {
        Login::ClientSecret(secret) => {
            Credentials::ClientCredentials { client_id, client_secret: secret.reveal().into() }
        }
        Login::PrivateKey { username, file, audience } => Credentials::JwtBearer {
            client_id,
            username: username.clone(),
            private_key_pem: read("sources.*.private_key_file", file)?.into(),
            audience: audience.clone(),
        },
    })
}

fn read(key: &'static str, path: &Path) -> Result<String, StartupError> {
    fs::read_to_string(path).map_err(|source| StartupError::Unreadable { key, path: path.to_owned(), source })
}
