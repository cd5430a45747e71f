//! From the configuration to what it describes: the only place that builds everything.
//!
//! Here: database, cache, rules, connectors, schema, router. Not here: the configuration itself
//! (`platform::config`), which command needs what (`cli`).

mod jobs;
mod refusals;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use chrono::TimeDelta;
use connectors::Connector;
use connectors::mapping::Mapping;
use connectors::registry::{self, SourceConfig};
use connectors::salesforce::{self, Credentials};
use domain::calendar::Calendar;
use mastering::policy::PrecedencePolicy;

use crate::error;
use crate::golden::service::Mastering;
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::cache::Cache;
use crate::platform::clock::Clock;
use crate::platform::config::sources::{Login, Source, SourceKind};
use crate::platform::config::{self, Config};
use crate::platform::context::{RequestContext, Shared};
use crate::platform::database::{Database, DatabaseOptions};
use crate::platform::graphql::guard::Guard;
use crate::platform::http::{self, Api, Check, Ide, Readiness, RequestId};
use crate::platform::jobs::Stop;
use crate::policies::{Documents, InForce, Policies, service as policy_service};
use crate::schema::{self, GatewaySchema};
use crate::sync::lease::Holder;
use crate::sync::outbound::Creations;
use crate::sync::read_through::Refresher;
use crate::sync::run::{ReadOptions, SyncJob};
use crate::sync::sources::{ConfiguredSource, Sources};
use crate::sync::token::StoredToken;
use crate::sync::webhooks::{Expectations, WebhookKeys, Webhooks};

pub use refusals::StartupError;

/// No transaction stays open longer; a larger overlap would only read the same again.
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

/// What every command works with that works with data.
#[derive(Clone)]
pub struct Services {
    /// The store.
    pub database: Database,
    /// What replicas share.
    pub cache: Cache,
    /// The time.
    pub clock: Clock,
    /// Knows the rules in force.
    pub policies: Arc<Policies>,
    /// Which systems make records that they lack.
    pub creations: Arc<Creations>,
    /// On which days people work.
    pub calendar: Arc<Calendar>,
    /// What is read without anyone asking, or as soon as somebody wants it fresh.
    pub sources: Arc<Sources>,
    /// What is being fetched at the moment because somebody wants it fresh.
    pub refresher: Refresher,
}

impl Services {
    /// Opens what the configuration describes. The database's schema is neither changed nor checked.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, StartupError> {
        Ok(Self {
            database: database(&config.database).await?,
            cache: Cache::open(&config.cache)?,
            clock,
            policies: Arc::new(Policies::new(documents(&config.policies)?)),
            creations: Arc::new(creations(config)?),
            calendar: Arc::new(calendar(&config.calendar)?),
            sources: Arc::default(),
            refresher: Refresher::within(config.freshness.clone()),
        })
    }

    /// What makes golden records of what sources say.
    pub fn mastering(&self) -> Mastering {
        Mastering {
            policies: Arc::clone(&self.policies),
            clock: self.clock.clone(),
            creations: Arc::clone(&self.creations),
        }
    }

    /// Gives an empty store what it begins with. Its schema must be up to date.
    pub async fn seed(&self) -> error::Result<()> {
        policy_service::seed(&self.database, &self.clock, &self.policies).await
    }

    /// Refuses sources that the precedence policy in force does not rank.
    pub async fn check_ranks(&self, sources: &config::Sources) -> Result<(), StartupError> {
        let engine = self.mastering().engine(self.database.read()).await?;
        check_ranks(&engine.policies.precedence, sources)
    }

    /// With the configured sources connected, for a process that serves.
    pub fn with_sources(self, config: &Config) -> Result<Self, StartupError> {
        let mut sources = Vec::new();
        for (name, source) in &config.sources {
            sources.push(ConfiguredSource {
                name: name.clone(),
                job: self.sync_job(name, source, &config.jobs)?,
                schedule: source.schedule.clone(),
                reserve_percent: source.budget_reserve_percent,
                interactive_reserve_percent: source.interactive_reserve_percent,
                write_back: source.write_back,
                pushes: Expectations {
                    counts: source.webhook_counts,
                    silence: TimeDelta::from_std(source.webhook_silence).ok(),
                },
                webhook: WebhookKeys {
                    secrets: source.webhook_secrets.clone(),
                    tolerance: TimeDelta::from_std(source.webhook_tolerance).unwrap_or(LONGEST_OVERLAP),
                },
            });
        }
        Ok(Self { sources: Arc::new(Sources::of(sources)), ..self })
    }

    /// The reading of one source.
    pub fn sync_job(
        &self,
        name: &str,
        source: &Source,
        jobs: &config::Jobs,
    ) -> Result<SyncJob, StartupError> {
        let overlap = TimeDelta::from_std(source.overlap).unwrap_or(LONGEST_OVERLAP).min(LONGEST_OVERLAP);
        let ttl = TimeDelta::from_std(jobs.lease).unwrap_or(LONGEST_OVERLAP);
        Ok(SyncJob {
            database: self.database.clone(),
            mastering: self.mastering(),
            cache: self.cache.clone(),
            connector: connector(name, source, Some((&self.database, &self.clock)))?,
            options: ReadOptions { overlap, bulk_from: source.bulk_from },
            holder: Holder { ttl, ..Holder::default() },
            stop: Stop::default(),
        })
    }

    /// The reading of a source that the configuration does not know, such as a file.
    pub fn reading(&self, connector: Arc<dyn Connector>) -> SyncJob {
        SyncJob {
            database: self.database.clone(),
            mastering: self.mastering(),
            cache: self.cache.clone(),
            connector,
            options: ReadOptions::default(),
            holder: Holder::default(),
            stop: Stop::default(),
        }
    }

    /// What features find in the context of each request.
    pub fn shared(&self) -> Shared {
        Shared::default()
            .with(Arc::clone(&self.policies))
            .with(Arc::clone(&self.creations))
            .with(Arc::clone(&self.calendar))
            .with(Arc::new(self.cache.clone()))
            .with(Arc::clone(&self.sources))
            .with(Arc::new(self.refresher.clone()))
    }

    /// What a use case works with that nobody asked for from outside: whoever runs the process may do everything.
    pub fn context_of(&self, subject: &str) -> RequestContext {
        let caller = Caller { subject: subject.to_owned(), ..Caller::operator() };
        let (database, clock) = (self.database.clone(), self.clock.clone());
        RequestContext::new(database, clock, self.shared(), caller, subject.to_owned())
    }

    /// The router over the whole API, and whether traffic is welcome.
    pub async fn router(&self, config: &Config, ide: Ide) -> Result<(Router, Arc<Readiness>), StartupError> {
        let authenticator = Authenticator::open(&config.auth, &self.cache, self.clock.now()).await?;
        let readiness = Arc::new(Readiness::new(vec![self.database_check()]));
        let (database, clock, shared) = (self.database.clone(), self.clock.clone(), self.shared());
        let api = Api {
            executor: schema(&config.server.limits),
            authenticator: Arc::new(authenticator),
            prepare: Arc::new(move |request, caller, RequestId(id)| {
                let context =
                    RequestContext::new(database.clone(), clock.clone(), shared.clone(), caller, id);
                request.data(context)
            }),
            clock: self.clock.clone(),
            readiness: Arc::clone(&readiness),
            ide,
            webhooks: Arc::new(self.webhooks()),
        };
        Ok((http::router(api, &config.server), readiness))
    }

    /// Takes pushes for the sources.
    fn webhooks(&self) -> Webhooks {
        let known = |it: &ConfiguredSource| {
            (it.name.clone(), (it.job.connector.system().clone(), it.webhook.clone()))
        };
        let may_push = |it: &&ConfiguredSource| !it.webhook.secrets.is_empty();
        let sources = self.sources.iter().filter(may_push).map(known).collect();
        Webhooks::new(self.database.clone(), self.clock.clone(), sources)
    }

    fn database_check(&self) -> Check {
        let database = self.database.clone();
        let probe = move || {
            let database = database.clone();
            Box::pin(async move { database.read().ping().await.is_ok() }) as _
        };
        Check { name: "the database", probe: Box::new(probe) }
    }
}

/// The schema with the configured limits and the guard before it.
fn schema(limits: &config::server::Limits) -> GatewaySchema {
    schema::builder()
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .extension(Guard::new(*limits))
        .finish()
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

/// The rules an empty store begins with: the configured files, or the built-in ones.
pub fn documents(config: &config::Policies) -> Result<Documents, StartupError> {
    Ok(Documents::load(config.precedence_file.as_deref(), config.matching_file.as_deref())?)
}

/// The days on which people work: by the configured file, or the built-in one.
pub fn calendar(config: &config::Calendar) -> Result<Calendar, StartupError> {
    let Some(path) = &config.holidays_file else { return Ok(Calendar::default()) };
    let text = fs::read_to_string(path).map_err(|source| StartupError::Unreadable {
        key: "calendar.holidays_file",
        path: path.clone(),
        source,
    })?;
    Calendar::parse(&text).map_err(|source| StartupError::Holidays { path: path.clone(), source })
}

/// Refuses sources that a precedence policy does not rank.
pub fn check_ranks(policy: &PrecedencePolicy, sources: &config::Sources) -> Result<(), StartupError> {
    let unranked = sources.iter().find(|(_, it)| policy.rank(&it.system).is_none());
    unranked.map_or(Ok(()), |(name, source)| {
        Err(StartupError::NoRank { name: name.clone(), system: source.system.clone() })
    })
}

/// The rules as the configuration names them, for work without a store.
pub fn policies(config: &config::Policies) -> Result<InForce, StartupError> {
    Ok(InForce::of(&documents(config)?))
}

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
    if let Some(version) = &source.api_version {
        config.api_version.clone_from(version);
    }
    if let Some(mapping) = mapping(source)? {
        config.mapping = Arc::new(mapping);
    }
    Ok(config)
}

/// The field mapping of a source; `None` when it takes the connector's own.
fn mapping(source: &Source) -> Result<Option<Mapping>, StartupError> {
    let Some(path) = &source.mapping_file else { return Ok(None) };
    let mapping = Mapping::parse(&read("sources.*.mapping_file", path)?);
    mapping.map(Some).map_err(|source| StartupError::Mapping { path: path.clone(), source })
}

/// What the sources make that they lack. The connectors' own mappings make nothing.
fn creations(config: &Config) -> Result<Creations, StartupError> {
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
        Login::RefreshToken { token, client_secret, key } => Credentials::RefreshToken {
            client_id,
            client_secret: client_secret.as_ref().map(|it| it.reveal().into()),
            keeper: Arc::new(StoredToken {
                database: store.map(|it| it.0.clone()),
                clock: store.map(|it| it.1.clone()).unwrap_or_default(),
                system: source.system.clone(),
                first: token.clone(),
                key: key.clone(),
            }),
        },
    })
}

fn read(key: &'static str, path: &Path) -> Result<String, StartupError> {
    fs::read_to_string(path).map_err(|source| StartupError::Unreadable { key, path: path.to_owned(), source })
}
