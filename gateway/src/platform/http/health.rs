//! `/healthz`: the process is alive. `/readyz`: it can do its work, and traffic is welcome.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something that must work.
pub struct Check {
    /// What it is, such as `the database`.
    pub name: &'static str,
    /// Whether it works at the moment.
    pub probe: Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

/// Whether traffic is welcome.
#[derive(Default)]
pub struct Readiness {
    checks: Vec<Check>,
    is_leaving: watch::Sender<bool>,
}

impl Readiness {
    /// Welcome while every check succeeds.
    pub fn new(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }

    /// From now on traffic is not welcome any more.
    pub fn leave(&self) {
        self.is_leaving.send_replace(true);
    }

    /// Waits until traffic is not welcome any more.
    pub async fn left(&self) {
        let mut leaving = self.is_leaving.subscribe();
        leaving.wait_for(|it| *it).await.expect("the sender lives as long as this");
    }

    /// `Err` says what does not work. Causes are for the log: they may name hosts.
    pub async fn check(&self) -> Result<(), String> {
        if *self.is_leaving.borrow() {
            return Err("shutting down".to_owned());
        }
        for check in &self.checks {
            if !tokio::time::timeout(PATIENCE, (check.probe)()).await.unwrap_or(false) {
                return Err(format!("{} does not answer", check.name));
            }
        }
        Ok(())
    }
}

pub(super) fn routes(readiness: Arc<Readiness>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { Json(json!({"status": "alive"})) }))
        .route("/readyz", get(ready))
        .with_state(readiness)
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> (StatusCode, Json<Value>) {
    match readiness.check().await {
        Ok(()) => (StatusCode::OK, Json(json!({"status": "ready"}))),
        Err(reason) => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "not ready", "reason": reason})))
        }
    }
}
