//! `gateway sync run`: reads what is new in the CRMs.

use anyhow::anyhow;
use clap::Args;
use domain::codes::UnknownCode;
use domain::fields::RecordKind;
use serde_json::json;

use super::Shown;
use super::turn::Turn;
use crate::cli::{Failure, Shell, signals};
use crate::platform::clock::Clock;
use crate::platform::telemetry::Telemetry;
use crate::startup::Services;
use crate::sync::run::{self, SyncScope};

/// Read what is new in the CRMs
///
/// Each page is stored in one transaction together with the place to go on from: whenever a run is stopped or
/// killed, the next one goes on there, and nothing is lost or doubled. A record that cannot be taken in is logged
/// and read again by the next run; it holds back nothing else.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Only this source, by the name of its section; all when left out
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// Only this kind: account, contact, lead or opportunity; may be repeated
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    kinds: Vec<RecordKind>,

    /// From the beginning instead of from where the last run ended
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync run
  gateway --config gateway.toml sync run --source crm --kind lead
  gateway --config gateway.toml --json sync run          counts as JSON, progress beside them on the error output";

fn kind(text: &str) -> Result<RecordKind, UnknownCode> {
    text.to_uppercase().parse()
}

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let stopping = signals::stopping()?;
    let read = async {
        let services = Services::open(&config, Clock::default()).await.map_err(Failure::usage)?;
        services.database.check_schema().await.map_err(Failure::failed)?;
        services.seed().await.map_err(Failure::failed)?;
        let wanted = |name: &str| arguments.source.as_deref().is_none_or(|it| it == name);
        let sources: Vec<_> = config.sources.iter().filter(|(name, _)| wanted(name)).collect();
        if sources.is_empty() {
            let hint = "describe the CRM in a section such as [sources.crm]; see docs/configuration.md";
            return Err(
                Failure::usage(anyhow!("there is no such source in the configuration")).with_hint(hint)
            );
        }
        let scope = SyncScope { kinds: arguments.kinds.clone(), is_full: arguments.full };
        for (name, source) in sources {
            let job = services.sync_job(name, source).map_err(Failure::usage)?;
            let turn = Turn::take(&services.cache, name).await?;
            let outcome = run::run(&job, &scope, &Shown::new(shell.output)).await;
            turn.end().await;
            let (id, counts) = outcome.map_err(Failure::failed)?;
            let text = format!(
                "{name}: {} records read, {} changed, {} unchanged, {} failed",
                counts.read, counts.changed, counts.unchanged, counts.failed
            );
            shell.output.result(text, &json!({ "source": name, "run": id, "counts": counts }));
        }
        Ok(())
    };
    let outcome = tokio::select! {
        outcome = read => outcome,
        () = stopping => Err(Failure::failed(anyhow!("stopped; the next run goes on from the last stored page"))),
    };
    telemetry.end().await;
    outcome
}
