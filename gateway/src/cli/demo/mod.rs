//! `gateway demo`: everything on this machine, from nothing to the first query.
//!
//! Here: a CRM to read from, a store in one folder, partners, tokens and queries to try. Not here: anything that a
//! production gateway does differently; the demo starts the same services with another configuration.

mod channel;
mod examples;
mod settings;
mod welcome;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ::sandbox::{DEMO_LEADS, DEMO_SEED, Options, Sandbox};
use clap::Args;
use futures::FutureExt as _;
use tokio::net::TcpListener;

pub(super) use channel::agreement;
use welcome::Welcome;

use super::sync::Shown;
use super::{DEMO_FOLDER, Failure, KEYS_FOLDER, Shell, signals};
use crate::platform::auth::demo_keys::DemoKeys;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::http;
use crate::platform::telemetry::Telemetry;
use crate::startup::Services;
use crate::sync::run::{self, SyncScope};

/// Where the demo listens unless told otherwise, or the port is taken.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Try everything on this machine
///
/// Starts a CRM with invented people at real companies, reads it into a SQLite store, enters partners with
/// contracts, leads and deal registrations, then serves the API and prints its address, a token for each role and
/// queries to paste. The data stays in the folder: the next start goes on from there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Folder that everything is kept in; delete it to begin anew
    #[arg(long, default_value = DEMO_FOLDER, value_name = "FOLDER")]
    data: PathBuf,

    /// Listen here; by default at 127.0.0.1:8080, or at a free port if that one is taken
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// How many leads the CRM has; counts when the folder is new
    #[arg(long, default_value_t = DEMO_LEADS, value_name = "N")]
    leads: usize,

    /// The same seed gives the same CRM; counts when the folder is new
    #[arg(long, default_value_t = DEMO_SEED, value_name = "S")]
    seed: u64,
}

const EXAMPLES: &str = "\
Examples:
  gateway demo                                         everything in ./gateway-demo
  gateway demo --leads 50000 --data /tmp/large         a larger CRM, elsewhere
  gateway demo --listen 127.0.0.1:0                    at any free port";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let stopping = signals::stopping()?;
    let mut config = Config::default();
    config.telemetry.log_level = "warn".to_owned();
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let served = serve(arguments, config, stopping, shell).await;
    telemetry.end().await;
    served.map_err(Failure::failed)
}

async fn serve(
    arguments: Arguments,
    mut config: Config,
    stopping: impl Future<Output = ()> + Send + 'static,
    shell: &Shell,
) -> anyhow::Result<()> {
    let _alone = settings::alone_in(&arguments.data)?;
    let keys = DemoKeys::load_or_make(&arguments.data.join(KEYS_FOLDER))?;
    let crm = settings::of_crm(&arguments.data, arguments.leads, arguments.seed)?;
    shell.output.note(format_args!("starting a CRM with {} leads …", crm.leads));
    let sandbox = Sandbox::start(Options {
        leads: Some(crm.leads),
        seed: crm.seed,
        journal: Some(arguments.data.join("crm.journal")),
        ..Options::default()
    })
    .await?;
    settings::describe(&mut config, &arguments.data, &keys, &sandbox.base_url());
    let services = Services::open(&config, Clock::default()).await?;
    services.database.migrate().await?;
    services.seed().await?;
    shell.output.note("reading it …");
    let source = config.sources.get(settings::SOURCE).expect("just described");
    let job = services.sync_job(settings::SOURCE, source, &config.jobs)?;
    run::run(&job, &SyncScope::default(), &Shown::new(shell.output)).await?;
    let services = services.with_sources(&config)?;
    let channel = channel::prepare(&services, &arguments.data).await?;
    let welcome = Welcome::new(keys, services.clock.clone(), channel)?;
    let (router, readiness) = services.router(&config, welcome.ide()).await?;
    let listener = listen(arguments.listen).await?;
    welcome.print(shell.output, listener.local_addr()?, &sandbox.base_url());
    let stopping = stopping.shared();
    tokio::join!(
        http::serve(listener, router, &config.server, readiness, stopping.clone()),
        services.do_jobs(&config, stopping),
    );
    sandbox.shutdown().await;
    shell.output.note("ended; the data is kept");
    Ok(())
}

async fn listen(wanted: Option<SocketAddr>) -> std::io::Result<TcpListener> {
    match TcpListener::bind(wanted.unwrap_or(LISTEN)).await {
        Err(error) if wanted.is_none() && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind((LISTEN.ip(), 0)).await
        }
        bound => bound,
    }
}
