//! `gateway config check`: tries everything that the configuration names.

use clap::Args;
use serde_json::{Value, json};

use super::{Failure, Shell};
use crate::platform::auth::Authenticator;
use crate::platform::cache::Cache;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::database::Database;
use crate::startup::{self, Services, StartupError};

/// Try everything the configuration names: database, cache, issuers, sources, rules
///
/// Nothing is changed. A key that is unknown or wrong is told with its full name and exit code 2; something
/// that does not answer, with exit code 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only read the configuration; connect to nothing
    #[arg(long)]
    offline: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml config check
  gateway --config gateway.toml config check --offline      in a pipeline, far from the database
  gateway config check                                      what the environment alone says";

/// What was found of one thing.
struct Finding {
    name: String,
    found: Result<String, String>,
}

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let mut findings = vec![rules(&config), calendar(&config)];
    if !arguments.offline {
        findings.push(database(&config).await);
        findings.push(cache(&config).await);
        findings.extend(issuers(&config).await);
    }
    findings.extend(sources(&config, arguments.offline).await);
    show(&findings, shell);
    match findings.iter().filter(|it| it.found.is_err()).count() {
        0 => Ok(()),
        failed => Err(Failure::failed(anyhow::anyhow!("{failed} of {} checks failed", findings.len()))),
    }
}

fn rules(config: &Config) -> Finding {
    let found = startup::documents(&config.policies).map(|_| "can be read".to_owned());
    Finding { name: "rules".to_owned(), found: found.map_err(told) }
}

fn calendar(config: &Config) -> Finding {
    let found = startup::calendar(&config.calendar).map(|_| "can be read".to_owned());
    Finding { name: "calendar".to_owned(), found: found.map_err(told) }
}

async fn database(config: &Config) -> Finding {
    let found = async {
        let database = startup::existing_database(&config.database).await.map_err(told)?;
        database.check_schema().await.map_err(told)?;
        Ok("answers, and its schema is up to date".to_owned())
    };
    Finding { name: "database".to_owned(), found: found.await }
}

async fn cache(config: &Config) -> Finding {
    let found = async {
        let cache = Cache::open(&config.cache).map_err(told)?;
        cache.get("config-check").await.map_err(told)?;
        let place =
            if config.cache.url.is_some() { "answers" } else { "in this process: for a single replica" };
        Ok(place.to_owned())
    };
    Finding { name: "cache".to_owned(), found: found.await }
}

async fn issuers(config: &Config) -> Vec<Finding> {
    let now = Clock::default().now();
    let mut findings = Vec::new();
    for (name, count) in Authenticator::check(&config.auth, now).await {
        let found = count.map(|it| format!("has {it} usable keys")).map_err(told);
        findings.push(Finding { name: format!("issuer {name}"), found });
    }
    if findings.is_empty() {
        let found = Ok("none: every request will be refused; add [auth.issuers.<name>]".to_owned());
        findings.push(Finding { name: "issuers".to_owned(), found });
    }
    findings
}

async fn sources(config: &Config, offline: bool) -> Vec<Finding> {
    let (mut findings, clock) = (Vec::new(), Clock::default());
    let database = match offline {
        true => None,
        false => startup::existing_database(&config.database).await.ok(),
    };
    for (name, source) in &config.sources {
        let store = database.as_ref().map(|it| (it, &clock));
        let found = match startup::connector(name, source, store) {
            Ok(_) if offline => Ok("is configured".to_owned()),
            Ok(connector) => connector
                .check()
                .await
                .map(|()| "answers, and has every mapped field".to_owned())
                .map_err(told),
            Err(error) => Err(told(error)),
        };
        findings.push(Finding { name: format!("source {name}"), found });
    }
    if !config.sources.is_empty() {
        let found = ranks(config, database).await.map(|()| "every source has one".to_owned());
        findings.push(Finding { name: "ranks".to_owned(), found: found.map_err(told) });
    }
    findings
}

/// By the rules in force, or those that an empty store would begin with.
async fn ranks(config: &Config, database: Option<Database>) -> Result<(), StartupError> {
    let is_ready = match &database {
        Some(database) => database.check_schema().await.is_ok(),
        None => false,
    };
    if !is_ready {
        return startup::check_ranks(&startup::policies(&config.policies)?.precedence, &config.sources);
    }
    Services::open(config, Clock::default()).await?.check_ranks(&config.sources).await
}

fn told(error: impl Into<anyhow::Error>) -> String {
    Failure::failed(error).message().to_owned()
}

fn show(findings: &[Finding], shell: &Shell) {
    if shell.output.is_json() {
        let all: Vec<Value> = findings
            .iter()
            .map(|it| match &it.found {
                Ok(found) => json!({"name": it.name, "ok": true, "found": found}),
                Err(found) => json!({"name": it.name, "ok": false, "found": found}),
            })
            .collect();
        return shell.output.line(json!({"checks": all}));
    }
    for finding in findings {
        let (sign, found) = match &finding.found {
            Ok(found) => ("ok    ", found),
            Err(found) => ("FAILED", found),
        };
        shell.output.line(format_args!("{sign}  {}: {found}", finding.name));
    }
}
