//! The servers that are compared, each in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use axum::Router;
use bench::say;
use chrono::TimeDelta;
use domain::access::Role;
use gateway::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use gateway::platform::auth::signing::Claims;
use gateway::platform::clock::Clock;
use gateway::platform::config::Config;
use gateway::platform::http::Ide;
use gateway::startup::Services;

use super::{by_hand, plain};

/// Ticks of processor time in a second, as Linux tells them (`sysconf(_SC_CLK_TCK)`, 100 on every architecture).
const TICKS: f64 = 100.0;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, strum::Display)]
pub enum Kind {
    /// axum and tokio-postgres, one statement a request, no GraphQL.
    ByHand,
    /// This product.
    Gateway,
    /// async-graphql with data loaders.
    Plain,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::ByHand, Self::Gateway, Self::Plain];
}

/// A server that runs.
pub struct Server {
    pub kind: Kind,
    pub address: String,
    /// What requests prove themselves with.
    pub token: String,
    process: Child,
}

impl Server {
    /// Starts this same program as that server.
    pub fn start(kind: Kind, database: &str) -> Result<Self> {
        let name = clap::ValueEnum::to_possible_value(&kind).context("every kind has a name")?;
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--database", database, "--serve", name.get_name()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(process.stdout.take().context("its output is piped")?).lines();
        let mut line = || said.next().context("the server ended before it served")?.context("its output");
        Ok(Self { kind, address: line()?, token: line()?, process })
    }

    /// Seconds of processor time that it has used so far.
    pub fn processor_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit(')').next().context("the name stands in parentheses")?;
        let ticks = |at: usize| -> Result<f64> {
            let field = after_name.split_whitespace().nth(at).context("fewer fields than Linux writes")?;
            Ok(field.parse()?)
        };
        // Fields 14 and 15 of proc(5), counted from the third.
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until the process is ended; says where, and what to prove oneself with.
pub async fn serve(kind: Kind, database: &str) -> Result<()> {
    let (router, token) = match kind {
        Kind::ByHand => (by_hand::router(database).await?, String::new()),
        Kind::Plain => (plain::router(database).await?, String::new()),
        Kind::Gateway => gateway_router(database).await?,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?));
    say(&token);
    Ok(axum::serve(listener, router).await?)
}

async fn gateway_router(database: &str) -> Result<(Router, String)> {
    let folder = tempfile::tempdir()?;
    let keys = DemoKeys::load_or_make(folder.path())?;
    let mut config = Config { auth: keys.auth(), ..Config::default() };
    config.database.url = database.to_owned().into();
    let services = Services::open(&config, Clock::default()).await?;
    let (router, _) = services.router(&config, Ide::default()).await?;
    let now = services.clock.now();
    let token = keys.signer().sign(&Claims {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "dashboard".to_owned(),
        tenant: "default".to_owned(),
        roles: vec![Role::Admin],
        partner: None,
        scopes: Vec::new(),
        locale: "en".to_owned(),
        issued_at: now,
        expires_at: now + TimeDelta::hours(1),
    })?;
    Ok((router, token))
}
