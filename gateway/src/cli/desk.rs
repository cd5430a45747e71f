//! The store, opened for a person at the command line.

use crate::cli::{Failure, Shell};
use crate::platform::auth::Caller;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::startup::{self, Services};

/// The store, opened as somebody.
pub(super) struct Desk {
    pub(super) services: Services,
    pub(super) ctx: RequestContext,
}

impl Desk {
    /// Opens the store of the configuration. Whoever may open it may do everything, but four eyes are still asked for.
    pub(super) async fn open(shell: &Shell, subject: Option<&str>) -> Result<Self, Failure> {
        let config = shell.config()?;
        startup::existing_database(&config.database).await.map_err(Failure::usage)?;
        let services = Services::open(&config, Clock::default()).await.map_err(Failure::usage)?;
        services.database.check_schema().await.map_err(Failure::failed)?;
        services.seed().await.map_err(Failure::failed)?;
        let operator = Caller::operator();
        let subject = subject.map_or_else(|| operator.subject.clone(), str::to_owned);
        let caller = Caller { subject, ..operator };
        let (database, clock, shared) =
            (services.database.clone(), services.clock.clone(), services.shared());
        let ctx = RequestContext::new(database, clock, shared, caller, "command line".to_owned());
        Ok(Self { services, ctx })
    }
}
