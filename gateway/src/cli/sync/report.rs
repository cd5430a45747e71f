//! `gateway sync report`: how fresh the mirror is, compared with what the CRMs have now.

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::run::report_json;
use super::table::table;
use crate::cli::{Failure, Shell};
use crate::platform::clock::Clock;
use crate::startup::Services;
use crate::sync::freshness::{self, Freshness};

/// Show how fresh the mirror is, compared with what the CRMs have now
///
/// Asks each CRM once per object how many records it has and which is the newest.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Only this source, by the name of its section; all when left out
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// Ask nobody: only what is stored
    #[arg(long)]
    offline: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync report
  gateway --config gateway.toml --json sync report --source crm | jq '.[].lagSeconds'
  gateway --config gateway.toml sync report --offline";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let services = Services::open(&config, Clock::default()).await.map_err(Failure::usage)?;
    services.database.check_schema().await.map_err(Failure::failed)?;
    let (mut rows, mut objects) = (vec![head()], Vec::new());
    for (name, source) in &config.sources {
        if arguments.source.as_deref().is_some_and(|it| it != name) {
            continue;
        }
        let job = services.sync_job(name, source, &config.jobs).map_err(Failure::usage)?;
        let all = match arguments.offline {
            true => freshness::of_source(&job).await,
            false => freshness::compared_with_source(&job).await,
        };
        for object in all.map_err(Failure::failed)? {
            rows.push(row(name, &object));
            objects.push(json(name, &object));
        }
    }
    shell.output.result(table(&rows), &objects);
    Ok(())
}

fn head() -> Vec<String> {
    let head =
        ["SOURCE", "OBJECT", "STORED", "AT SOURCE", "NEWEST STORED", "NEWEST AT SOURCE", "LAG", "COMPARED"];
    head.map(str::to_owned).to_vec()
}

fn row(name: &str, object: &Freshness) -> Vec<String> {
    let instant = |it: Option<DateTime<Utc>>| it.map_or("-".to_owned(), |it| it.format("%F %TZ").to_string());
    let source = object.source;
    vec![
        name.to_owned(),
        object.object.clone(),
        object.stored.to_string(),
        source.map_or("-".to_owned(), |it| it.records.to_string()),
        instant(object.newest_stored()),
        instant(source.and_then(|it| it.newest_stamp)),
        object.lag_seconds().map_or("-".to_owned(), |it| format!("{it} s")),
        instant(object.comparison.as_ref().map(|it| it.ended_at)),
    ]
}

fn json(name: &str, object: &Freshness) -> Value {
    json!({
        "source": name, "object": object.object, "stored": object.stored,
        "atSource": object.source.map(|it| it.records),
        "newestStoredStamp": object.newest_stored(),
        "newestSourceStamp": object.source.and_then(|it| it.newest_stamp),
        "lagSeconds": object.lag_seconds(),
        "completeTo": object.watermark.as_ref().and_then(|it| it.complete_to),
        "checkedAt": object.watermark.as_ref().and_then(|it| it.checked_at),
        "lastComparison": object.comparison.as_ref().map(report_json),
    })
}
