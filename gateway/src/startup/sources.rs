//! From the settings of a source to its connector.
//!
//! Here: credentials, mapping, how requests are made. Not here: reading the source (`sync`).

use std::sync::Arc;

use connectors::Connector;
use connectors::http::{HttpOptions, RetryPolicy};
use connectors::mapping::Mapping;
use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{self, Credentials};

use super::{StartupError, read};
use crate::platform::clock::Clock;
use crate::platform::config::sources::{Login, Source, SourceKind};
use crate::platform::config::{self, Config};
use crate::platform::database::Database;
use crate::platform::telemetry;
use crate::sync::outbound::Creations;
use crate::sync::token::StoredToken;

/// The connector of a source. Talks to nobody yet. Refresh tokens are kept in the store; without one they cannot be used.
pub fn connector(
    name: &str,
    source: &Source,
    store: Option<(&Database, &Clock)>,
) -> Result<Arc<dyn Connector>, StartupError> {
    let config = match source.kind {
        SourceKind::Salesforce => SourceConfig::Salesforce(Box::new(salesforce(source, store)?)),
    };
    registry::connect(config).map_err(|source| StartupError::Connector { name: name.to_owned(), source })
}

fn salesforce(
    source: &Source,
    store: Option<(&Database, &Clock)>,
) -> Result<salesforce::Config, StartupError> {
    let credentials = credentials(source, store)?;
    let mut config = salesforce::Config::new(source.system.clone(), &source.login_url, credentials);
    config.page_size = source.page_size;
    config.budget_reserve_percent = source.budget_reserve_percent;
    config.interactive_reserve_percent = source.interactive_reserve_percent;
    config.allow_http_loopback = source.allow_http_loopback;
    config.http = http_options(&source.upstream);
    if let Some(version) = &source.api_version {
        config.api_version.clone_from(version);
    }
    if let Some(mapping) = mapping(source)? {
        config.mapping = Arc::new(mapping);
    }
    Ok(config)
}

fn http_options(upstream: &config::Upstream) -> HttpOptions {
    let config::Upstream { connect_timeout, timeout, .. } = *upstream;
    let retry = RetryPolicy {
        attempts: upstream.tries,
        base: upstream.first_wait,
        max: upstream.longest_wait,
        deadline: upstream.tries_timeout,
    };
    HttpOptions {
        connect_timeout,
        timeout,
        retry,
        headers: telemetry::trace_headers,
        ..HttpOptions::default()
    }
}

/// The field mapping of a source; `None` when it takes the connector's own.
fn mapping(source: &Source) -> Result<Option<Mapping>, StartupError> {
    let Some(path) = &source.mapping_file else { return Ok(None) };
    let mapping = Mapping::parse(&read("sources.*.mapping_file", path)?);
    mapping.map(Some).map_err(|source| StartupError::Mapping { path: path.clone(), source })
}

/// What the sources make that they lack. The connectors' own mappings make nothing.
pub(super) fn creations(config: &Config) -> Result<Creations, StartupError> {
    let mut creations = Creations::default();
    for source in config.sources.values() {
        if let Some(mapping) = mapping(source)? {
            creations.add(&source.system, &mapping);
        }
    }
    Ok(creations)
}

fn credentials(source: &Source, store: Option<(&Database, &Clock)>) -> Result<Credentials, StartupError> {
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
        Login::RefreshToken { token, client_secret, key } => {
            let clock = store.map(|it| it.1.clone()).unwrap_or_default();
            let keeper = StoredToken {
                database: store.map(|it| it.0.clone()),
                holder: clock.new_id(),
                clock,
                system: source.system.clone(),
                first: token.clone(),
                key: key.clone(),
            };
            let client_secret = client_secret.as_ref().map(|it| it.reveal().into());
            Credentials::RefreshToken { client_id, client_secret, keeper: Arc::new(keeper) }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_tries_and_waits_are_settings() {
        let text = "[sources.crm]\nkind = 'salesforce'\nlogin_url = 'https://x'\nclient_id = 'i'\n\
            client_secret = 's'\nconnect_timeout = '1s'\ntimeout = '2s'\ntries = 3\nfirst_wait = '4ms'\n\
            longest_wait = '5s'\ntries_timeout = '6s'\npage_size = 300";
        let config = Config::read(text, Path::new("gateway.toml"), BTreeMap::new()).unwrap();
        let config = salesforce(&config.sources["crm"], None).unwrap();
        let HttpOptions { connect_timeout, timeout, retry, .. } = config.http;
        assert_eq!((connect_timeout, timeout), (Duration::from_secs(1), Duration::from_secs(2)));
        assert_eq!((retry.attempts, retry.base), (3, Duration::from_millis(4)));
        assert_eq!((retry.max, retry.deadline), (Duration::from_secs(5), Duration::from_secs(6)));
        assert_eq!(config.page_size, 300);
    }
}
