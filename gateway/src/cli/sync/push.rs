//! `gateway sync push`: tells the CRMs what they say otherwise.

use anyhow::anyhow;
use clap::Args;
use domain::sources::SourceSystem;
use domain::sync::OutboundState;
use serde_json::json;

use crate::cli::{Failure, Shell, signals};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::telemetry::Telemetry;
use crate::startup::Services;
use crate::sync;
use crate::sync::outbound::sender::Sender;
use crate::sync::outbound::service::{self, OutboundFilter};

/// Tell the CRMs what they say otherwise
///
/// Sends what waits in the outbox: values that are served here, that a CRM says otherwise, and that the precedence policy
/// writes to it; and records that a CRM lacks, where its mapping makes them. A record that somebody changed meanwhile is read again first, and never overwritten. `gateway serve` does
/// so by itself for sources with `write_back = true`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Only this source, by the name of its section; all when left out
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// Show what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml sync push --dry-run
  gateway --config gateway.toml sync push --source crm
  gateway --config gateway.toml --json sync push";

/// Changes that a dry run shows of each source.
const SHOWN: u64 = 1_000;

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let config = shell.config()?;
    let telemetry = Telemetry::begin(&config.telemetry).map_err(Failure::usage)?;
    let stopping = signals::stopping()?;
    let outcome = tokio::select! {
        outcome = push(&arguments, &config, shell) => outcome,
        () = stopping => Err(Failure::failed(anyhow!("stopped; what was on its way is asked about by the next push"))),
    };
    telemetry.end().await;
    outcome
}

async fn push(arguments: &Arguments, config: &Config, shell: &Shell) -> Result<(), Failure> {
    let services = Services::open(config, Clock::default()).await.map_err(Failure::usage)?;
    services.database.check_schema().await.map_err(Failure::failed)?;
    let wanted = |name: &str| arguments.source.as_deref().is_none_or(|it| it == name);
    let sources: Vec<_> = config.sources.iter().filter(|(name, _)| wanted(name)).collect();
    if sources.is_empty() {
        return Err(Failure::usage(anyhow!("there is no such source in the configuration")));
    }
    let mut failures = Vec::new();
    for (name, source) in sources {
        let done = match arguments.dry_run {
            true => show_due(&services, name, &source.system, shell).await,
            false => {
                let job = services.sync_job(name, source, &config.jobs).map_err(Failure::usage)?;
                send(name, &sync::jobs::sender_to(&job), shell).await
            }
        };
        // A CRM that is away keeps nobody from the others.
        if let Err(failure) = done {
            shell.output.note(format_args!("{name}: {}", failure.message()));
            failures.push(failure);
        }
    }
    failures.into_iter().next().map_or(Ok(()), Err)
}

/// What a source would be told.
async fn show_due(
    services: &Services,
    name: &str,
    system: &SourceSystem,
    shell: &Shell,
) -> Result<(), Failure> {
    let filter =
        OutboundFilter { states: vec![OutboundState::Pending], system: Some(system.clone()), golden: None };
    let waiting = service::newest(services.database.read(), &filter, SHOWN).await;
    for it in waiting.map_err(Failure::failed)? {
        let values: serde_json::Value = serde_json::from_str(&it.values).unwrap_or_default();
        let id = service::id_there(&it);
        let text = format!("{name}: {} {} {}", it.object, id.unwrap_or("to be made"), it.values);
        let change = json!({
            "source": name, "object": it.object, "operation": it.operation, "externalId": id,
            "values": values,
        });
        shell.output.result(text, &change);
    }
    Ok(())
}

async fn send(name: &str, sender: &Sender, shell: &Shell) -> Result<(), Failure> {
    let sent = sender.send_all(&|_| {}).await.map_err(Failure::failed)?;
    let text = format!(
        "{name}: {} accepted, {} refused, {} to be tried again",
        sent.accepted, sent.refused, sent.deferred
    );
    shell.output.result(text, &json!({ "source": name, "sent": sent }));
    Ok(())
}
