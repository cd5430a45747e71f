//! `gateway serve`: answers queries until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use futures::FutureExt as _;
use serde_json::json;
use tokio::net::TcpListener;

use super::{Failure, Shell, signals};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::database::Database;
use crate::platform::http::{self, Ide};
use crate::platform::telemetry::Telemetry;
use crate::startup::Services;

/// Serve the GraphQL API
///
/// Serves `/graphql`, a page for trying queries at `/`, and `/healthz` and `/readyz` for whoever runs it. The
/// database must be migrated. Ctrl-C or SIGTERM ends it in order: not ready, then nothing new, then nothing at
/// all once running requests are answered; a second signal ends it at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Listen here instead of at `server.listen`; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Bring the database to this version first
    #[arg(long)]
    migrate: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml serve
  gateway serve --migrate                             SQLite in this folder, everything else by default
  GATEWAY__TELEMETRY__LOG_FORMAT=json gateway serve --listen 0.0.0.0:8080";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let stopping = signals::stopping()?;
    let mut config = shell.config()?;
    config.server.listen = arguments.listen.unwrap_or(config.server.listen);
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let served = serve(&config, arguments.migrate, stopping, shell).await;
    telemetry.end().await;
    served.map_err(Failure::failed)
}

async fn serve(
    config: &Config,
    migrate: bool,
    stopping: impl Future<Output = ()> + Send + 'static,
    shell: &Shell,
) -> anyhow::Result<()> {
    let services = Services::open(config, Clock::default()).await?;
    match migrate {
        true => services.database.migrate().await?,
        false => check_schema(&services.database).await?,
    }
    services.seed().await?;
    services.check_ranks(&config.sources).await?;
    let services = services.with_sources(config)?;
    let (router, readiness) = services.router(config, Ide::default()).await?;
    if config.auth.issuers.is_empty() {
        tracing::warn!("no issuer is configured: every request will be refused; see [auth.issuers.<name>]");
    }
    let address = config.server.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| anyhow::Error::new(error).context(format!("cannot listen on {address}")))?;
    let address = format!("http://{}", listener.local_addr()?);
    shell.output.result(format_args!("serving at {address}"), &json!({"address": address}));
    let stopping = stopping.shared();
    tokio::join!(
        http::serve(listener, router, &config.server, readiness, stopping.clone()),
        services.do_jobs(config, stopping),
    );
    Ok(())
}

/// While versions are exchanged, pods of the previous one may have to start again.
async fn check_schema(database: &Database) -> anyhow::Result<()> {
    if let Some(unknown) = database.check_complete().await? {
        tracing::warn!(unknown, "the database was migrated by a newer version; exchange this one for it");
    }
    Ok(())
}
