//! Why a gateway does not start.

use std::path::PathBuf;

use connectors::ConnectorError;
use connectors::mapping::MappingError;
use domain::calendar::InvalidHolidays;
use domain::sources::SourceSystem;
use sea_orm::DbErr;

use crate::error;
use crate::platform::auth::KeySetError;
use crate::platform::cache::CacheError;
use crate::platform::database::SchemaError;
use crate::policies::UnusablePolicy;

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
