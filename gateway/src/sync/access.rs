//! Whether a source lets us in: a task for people while it does not, closed as soon as it does again.

use chrono::TimeDelta;
use connectors::ConnectorError;
use domain::review::ReviewKind;
use domain::sources::SourceSystem;

use super::run::{SyncFailure, SyncJob};
use super::service;
use crate::error::Result;
use crate::review::service::{Question, ask, forget_answers, withdraw};

/// How often a source that refuses our credentials is tried without anyone asking: some lock users out for trying.
const TRIED_EVERY: TimeDelta = TimeDelta::minutes(30);

/// Notes whether a run was let in.
pub(super) async fn note(job: &SyncJob, failure: Option<&SyncFailure>) -> Result<()> {
    let (clock, system) = (&job.mastering.clock, job.connector.system());
    let (db, now) = (job.database.read(), job.mastering.clock.now());
    match failure {
        Some(SyncFailure::Source(error)) if is_refusal(error) => {
            let Some(kind) = job.connector.kinds().into_iter().next() else { return Ok(()) };
            let subject = serde_json::json!({
                "system": system, "code": error.code(), "message": error.to_string(), "since": now,
            });
            let question = Question::new(ReviewKind::SourceAccess, kind, fingerprint(system), subject);
            ask(db, clock, now, question).await.map(drop)
        }
        // Other failures say nothing about whether we are let in.
        Some(_) => Ok(()),
        None => {
            let fingerprints = [fingerprint(system)];
            withdraw(db, clock, now, &fingerprints).await?;
            forget_answers(db, clock, now, &fingerprints).await
        }
    }
}

/// Whether a source has to be left alone: it refused us when we last tried, and that was not long ago.
pub(super) async fn is_barred(job: &SyncJob) -> Result<bool> {
    if !job.connector.health().are_credentials_refused {
        return Ok(false);
    }
    let last = service::last_run(&job.database, job.connector.system()).await?;
    let now = job.mastering.clock.now();
    Ok(last.is_some_and(|it| now - it.started_at < TRIED_EVERY))
}

fn is_refusal(error: &ConnectorError) -> bool {
    matches!(error, ConnectorError::CredentialsRefused { .. } | ConnectorError::SessionRefused { .. })
}

fn fingerprint(system: &SourceSystem) -> String {
    format!("{}|{system}", ReviewKind::SourceAccess)
}
