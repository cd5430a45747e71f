//! Statements that nobody waits for any more.
//!
//! A request that ends before its answer gives its connection back in the middle of a statement. The pool would keep it until
//! PostgreSQL is done, and others would wait for a connection, and for its locks. Such a connection is closed instead, and
//! PostgreSQL ends what it does for a side that is gone. SQLite's statements end with whoever reads their rows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::{Connection as _, Executor as _};
use tokio::time::{Instant, timeout};

/// PostgreSQL looks every second whether the side that asked is still there. Servers that cannot, or pools in front of them,
/// refuse: then `statement_timeout` is what ends the statement.
const LOOK: &str = "SET client_connection_check_interval = '1s'";
/// How long after a request was left its connections may come back.
const LATEST: Duration = Duration::from_secs(1);
/// Within which a connection answers that has nothing to do.
const GRACE: Duration = Duration::from_millis(250);

/// When a request was last left by whoever waited for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Abandoned(Arc<Mutex<Option<Instant>>>);

/// Somebody waits for what is asked of the database.
#[must_use = "dropping it means that nobody waits any more"]
pub struct Awaited(Option<Abandoned>);

impl Abandoned {
    /// A pool that does not wait for what nobody waits for.
    pub(super) fn pool(&self, options: PgPoolOptions) -> PgPoolOptions {
        let this = self.clone();
        let options = options.after_connect(|connection, _| {
            Box::pin(async move {
                if let Err(error) = connection.execute(LOOK).await {
                    tracing::debug!(%error, "abandoned statements end with their time-out only");
                }
                Ok(())
            })
        });
        options.after_release(move |connection, _| {
            let this = this.clone();
            Box::pin(async move { Ok(this.is_free(connection).await) })
        })
    }

    /// Somebody begins to wait.
    pub(super) fn awaited(&self) -> Awaited {
        Awaited(Some(self.clone()))
    }

    /// Whether a connection that came back is done with what it was asked. Asked only just after a request was left: otherwise
    /// connections come back when they are done.
    async fn is_free(&self, connection: &mut PgConnection) -> bool {
        let left = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if left.is_none_or(|it| it.elapsed() > LATEST) {
            return true;
        }
        matches!(timeout(GRACE, connection.ping()).await, Ok(Ok(())))
    }
}

impl Awaited {
    /// The answer is there.
    pub fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some(Abandoned(last)) = &self.0 {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }
}
