//! From the configuration to what it describes: the only place that builds everything.
//!
//! Here: database, cache, rules, connectors, schema, router. Not here: the configuration itself
//! (`platform::config`), which command needs what (`cli`).

mod jobs;
mod serving;
mod sources;

pub use sources::connector;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use connectors::mapping::MappingError;
use connectors::{Connector, ConnectorError};
use domain::calendar::{Calendar, InvalidHolidays};
use domain::sources::SourceSystem;
use mastering::policy::PrecedencePolicy;
use sea_orm::DbErr;

use crate::credentials::standing::Standing;
use crate::error;
use crate::golden::service::Mastering;
use crate::platform::auth::{Caller, KeySetError};
use crate::platform::cache::{Cache, CacheError};
use crate::platform::clock::Clock;
use crate::platform::config::sources::Source;
use crate::platform::config::{self, Config};
use crate::platform::context::{RequestContext, Shared};
use crate::platform::database::{Database, DatabaseOptions, SchemaError};
use crate::platform::jobs::Stop;
use crate::platform::notify::{ChannelError, Channels, PATIENCE};
use crate::policies::{Documents, InForce, Policies, UnusablePolicy, service as policy_service};
use crate::sync::lease::Holder;
use crate::sync::outbound::Creations;
use crate::sync::read_through::Refresher;
use crate::sync::run::{ReadOptions, SyncJob};
use crate::sync::sources::{ConfiguredSource, Sources};
use crate::sync::webhooks::{Expectations, WebhookKeys};
use crate::training::badge::BadgeKey;

/// No transaction stays open longer; a larger overlap would only read the same again.
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

/// Why something that the configuration describes cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The database does not let us in.
    #[error("the database cannot be opened: {0}; check database.url and that the database runs")]
    Database(#[source] DbErr),
    /// There is none yet, and looking must not make one.
    #[error("there is no database at {0} yet; run `gateway migrate`")]
    NoDatabase(String),
    /// The database is not of this version.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The cache's address cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// An issuer has no keys.
    #[error(transparent)]
    Keys(#[from] KeySetError),
    /// A file of rules is wrong.
    #[error(transparent)]
    Policy(#[from] UnusablePolicy),
    /// A file of holidays is wrong.
    #[error("{}: {source}", path.display())]
    Holidays {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: InvalidHolidays,
    },
    /// A channel for messages cannot be used.
    #[error(transparent)]
    Channel(#[from] ChannelError),
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
    /// The manifest of trusted documents is none.
    #[error("{}: {source}; expected a JSON object from names to documents", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A source whose values would lose every tie, whatever people think of it.
    #[error(
        "sources.{name}: the precedence policy has no rank for {system}; give it one (`gateway policy draft`), or use a code that has one as its `system`"
    )]
    NoRank {
        /// Which source.
        name: String,
        /// Its code.
        system: SourceSystem,
    },
    /// Who does not count any more cannot be read.
    #[error("revoked tokens cannot be read: {0}")]
    Standing(#[source] error::Error),
    /// The rules in force cannot be read.
    #[error("the rules in force cannot be read: {0}")]
    Rules(#[from] error::Error),
    /// A field mapping is wrong.
    #[error("{}: {source}", path.display())]
    Mapping {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: MappingError,
    },
    /// The connector does not take its settings.
    #[error("sources.{name}: {source}")]
    Connector {
        /// Which source.
        name: String,
        /// What is wrong.
        source: ConnectorError,
    },
}

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
    /// How people are told what they should know.
    pub channels: Arc<Channels>,
    /// With what badges are signed.
    pub badges: Arc<BadgeKey>,
    /// What is read without anyone asking, or as soon as somebody wants it fresh.
    pub sources: Arc<Sources>,
    /// Who does not count any more.
    pub standing: Arc<Standing>,
    /// What is being fetched at the moment because somebody wants it fresh.
    pub refresher: Refresher,
}

impl Services {
    /// Opens what the configuration describes. The database's schema is neither changed nor checked.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, StartupError> {
        let database = database(&config.database).await?;
        let memory = TimeDelta::from_std(config.auth.max_lifetime).unwrap_or(LONGEST_OVERLAP);
        Ok(Self {
            standing: Arc::new(Standing::new(database.clone(), &config.auth.tenant, memory)),
            database,
            cache: Cache::open(&config.cache)?,
            clock,
            policies: Arc::new(Policies::new(documents(&config.policies)?)),
            creations: Arc::new(sources::creations(config)?),
            calendar: Arc::new(calendar(&config.calendar)?),
            channels: Arc::new(Channels::open(&config.notifications, PATIENCE)?),
            badges: Arc::new(BadgeKey::new(&config.badges)),
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
            .with(Arc::clone(&self.channels))
            .with(Arc::clone(&self.badges))
            .with(Arc::new(self.cache.clone()))
            .with(Arc::clone(&self.sources))
            .with(Arc::clone(&self.standing))
            .with(Arc::new(self.refresher.clone()))
    }

    /// What a use case works with that nobody asked for from outside: whoever runs the process may do everything.
    pub fn context_of(&self, subject: &str) -> RequestContext {
        let caller = Caller { subject: subject.to_owned(), ..Caller::operator() };
        let (database, clock) = (self.database.clone(), self.clock.clone());
        RequestContext::new(database, clock, self.shared(), caller, subject.to_owned())
    }
}

/// Connects to the database.
pub async fn database(config: &config::Database) -> Result<Database, StartupError> {
    let options = DatabaseOptions {
        url: config.url.reveal().to_owned(),
        max_connections: config.max_connections,
        acquire_timeout: config.acquire_timeout,
        statement_timeout: config.statement_timeout,
    };
    let database = Database::connect(options).await.map_err(StartupError::Database)?;
    Ok(database.telling_slow(config.slow_statement))
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
    let text = read("calendar.holidays_file", path)?;
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

fn read(key: &'static str, path: &Path) -> Result<String, StartupError> {
    fs::read_to_string(path).map_err(|source| StartupError::Unreadable { key, path: path.to_owned(), source })
}
