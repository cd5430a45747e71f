//! How many records a second `sync run` takes in, and how much memory it needs.
//!
//! The CRM runs in a process of its own on the same machine, as a real one would; the store is a SQLite file. What is
//! timed is one whole run: logging in, reading, matching, settling, writing. Memory is the peak of the syncing process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use connectors::salesforce::{Config, Credentials};
use connectors::{Connector, SourceConfig};
use domain::fields::RecordKind;
use gateway::golden::service::Engine;
use gateway::platform::clock::Clock;
use gateway::platform::database::{Database, DatabaseOptions};
use gateway::policies::ActivePolicies;
use gateway::sync::run::{self, Counts, Observer, SyncJob, SyncScope};

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// Leads in the CRM; their accounts, contacts and opportunities come on top
    #[arg(long, default_value_t = 100_000)]
    leads: usize,

    /// Where to sync to; a fresh SQLite file unless given
    #[arg(long)]
    database: Option<String>,

    /// Be the CRM instead of measuring
    #[arg(long, hide = true)]
    serve: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.serve { serve(arguments.leads).await } else { measure(&arguments).await }
}

/// Serves the CRM until whoever started it closes the pipe.
async fn serve(leads: usize) -> Result<()> {
    let options = sandbox::Options { leads: Some(leads), ..Default::default() };
    let crm = sandbox::Sandbox::start(options).await?;
    say(&crm.base_url());
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    crm.shutdown().await;
    Ok(())
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let mut crm = Crm::start(arguments.leads)?;
    let folder = tempfile::tempdir()?;
    let fresh = || format!("sqlite://{}", folder.path().join("gateway.db").display());
    let job = job(&arguments.database.clone().unwrap_or_else(fresh), &crm.address).await?;
    let started = Instant::now();
    let (_, counts) = run::run(&job, &SyncScope::default(), &Kinds).await?;
    let first = started.elapsed();
    let peak = peak_memory()?;
    say(&line("first run", counts, first));
    say(&format!("peak memory {peak} MB, statements {}", job.database.statements()));
    let started = Instant::now();
    let (_, counts) = run::run(&job, &SyncScope::default(), &Kinds).await?;
    say(&line("nothing new", counts, started.elapsed()));
    ensure!(counts.changed == 0, "a second run changed {} records", counts.changed);
    crm.stop()
}

async fn job(url: &str, crm: &str) -> Result<SyncJob> {
    let options =
        DatabaseOptions { url: url.to_owned(), max_connections: 8, acquire_timeout: Duration::from_secs(30) };
    let database = Database::connect(options).await?;
    database.migrate().await?;
    let engine = Engine { policies: Arc::new(ActivePolicies::default()), clock: Clock::default() };
    Ok(SyncJob { database, engine, connector: connector(crm)?, overlap: chrono::TimeDelta::minutes(10) })
}

fn connector(crm: &str) -> Result<Arc<dyn Connector>> {
    let credentials = Credentials::ClientCredentials {
        client_id: sandbox::DEMO_CLIENT_ID.to_owned(),
        client_secret: sandbox::DEMO_CLIENT_SECRET.to_owned().into(),
    };
    let mut config = Config::new("CRM".parse()?, crm.to_owned(), credentials);
    config.allow_http_loopback = true;
    Ok(connectors::connect(SourceConfig::Salesforce(Box::new(config)))?)
}

/// The CRM in a process of its own.
struct Crm {
    process: Child,
    address: String,
}

impl Crm {
    fn start(leads: usize) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--serve", "--leads", &leads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().context("the CRM's output is piped")?;
        let address = BufReader::new(said).lines().next().context("the CRM ended before it served")??;
        Ok(Self { process, address })
    }

    fn stop(&mut self) -> Result<()> {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        ensure!(status.success(), "the CRM ended with {status}");
        Ok(())
    }
}

impl Drop for Crm {
    fn drop(&mut self) {
        // Ended already, unless the measurement failed.
        let _ = self.process.kill();
    }
}

/// The most memory this process has held so far, in MB.
fn peak_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).context("Linux tells VmHWM")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes / 1024)
}

fn line(what: &str, counts: Counts, took: Duration) -> String {
    let rate = counts.read as f64 / took.as_secs_f64();
    format!(
        "{what}: {} records in {:.1} s = {rate:.0} records/s, {} failed",
        counts.read,
        took.as_secs_f64(),
        counts.failed
    )
}

#[expect(clippy::print_stdout, reason = "the figures are the result")]
fn say(line: &str) {
    println!("{line}");
}

/// Says how long each kind took.
struct Kinds;

impl Observer for Kinds {
    fn begin(&self, _: RecordKind) {}
    fn page(&self, _: RecordKind, _: Counts, _: Option<u64>) {}
    fn end(&self, kind: RecordKind, counts: Counts) {
        say(&format!("  {kind}: {} read, {} failed", counts.read, counts.failed));
    }
}
