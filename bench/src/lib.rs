//! What the measurements share: a CRM in a process of its own, a connector to it, a store, and rows to fill it with.

pub mod fill;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use connectors::salesforce::{Config, Credentials};
use connectors::{Connector, SourceConfig};
use domain::fields::RecordKind;
use gateway::platform::database::{Database, DatabaseOptions};
use gateway::sync::run::{Counts, Observer};

/// The CRM in a process of its own, as a real one would be.
pub struct Crm {
    process: Child,
    /// Where it answers.
    pub address: String,
}

impl Crm {
    /// Starts this same program with `--serve`, which it must understand: see [`serve`].
    pub fn start(leads: usize) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--serve", "--leads", &leads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = process.stdout.take().context("the CRM's output is piped")?;
        let address = BufReader::new(said).lines().next().context("the CRM ended before it served")??;
        Ok(Self { process, address })
    }

    /// A connector to it.
    pub fn connector(&self) -> Result<Arc<dyn Connector>> {
        let credentials = Credentials::ClientCredentials {
            client_id: sandbox::DEMO_CLIENT_ID.to_owned(),
            client_secret: sandbox::DEMO_CLIENT_SECRET.to_owned().into(),
        };
        let mut config = Config::new("CRM".parse()?, self.address.clone(), credentials);
        config.allow_http_loopback = true;
        Ok(connectors::connect(SourceConfig::Salesforce(Box::new(config)))?)
    }

    /// Ends it.
    pub fn stop(mut self) -> Result<()> {
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
        let _ = self.process.wait();
    }
}

/// Serves the CRM until whoever started this process closes the pipe.
pub async fn serve(leads: usize) -> Result<()> {
    let options = sandbox::Options { leads: Some(leads), ..Default::default() };
    let crm = sandbox::Sandbox::start(options).await?;
    say(&crm.base_url());
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    crm.shutdown().await;
    Ok(())
}

/// A store at this address, with its schema.
pub async fn store(url: &str) -> Result<Database> {
    let acquire_timeout = Duration::from_secs(30);
    let options = DatabaseOptions {
        url: url.to_owned(),
        max_connections: 8,
        acquire_timeout,
        statement_timeout: Duration::from_secs(600),
    };
    let database = Database::connect(options).await?;
    database.migrate().await?;
    Ok(database)
}

/// The most memory this process has held so far, in MB.
pub fn peak_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).context("Linux tells VmHWM")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes / 1024)
}

/// Says how long things took, and how many statements each. The first tenth finds every cache empty, and is told apart.
pub fn say_spread(mut took: Vec<Duration>, statements: u64) {
    let each = statements as f64 / took.len() as f64;
    let rest = took.split_off(took.len() / 10);
    say(&format!("first {}: {}", took.len(), spread(took)));
    say(&format!("next {}: {}; {each:.0} statements each", rest.len(), spread(rest)));
}

fn spread(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    format!("median {:.2} ms, p90 {:.2} ms, p99 {:.2} ms", at(50), at(90), at(99))
}

/// Shows a figure.
#[expect(clippy::print_stdout, reason = "the figures are the result")]
pub fn say(line: &str) {
    println!("{line}");
}

/// Says what each kind brought.
pub struct Kinds;

impl Observer for Kinds {
    fn begin(&self, _: RecordKind) {}
    fn page(&self, _: RecordKind, _: Counts, _: Option<u64>) {}
    fn end(&self, kind: RecordKind, counts: Counts) {
        say(&format!("  {kind}: {} read, {} failed", counts.read, counts.failed));
    }
}
