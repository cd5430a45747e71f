//! `gateway policy dry-run`: what a version would change, without changing it.

use std::sync::Mutex;

use clap::Args;
use domain::policies::PolicyKind;
use serde_json::json;

use super::{Actor, Desk, kind};
use crate::cli::progress::Progress;
use crate::cli::{Failure, Shell};
use crate::policies::dry_run;
use crate::policies::effect::Findings;

/// Show what a version would change of everything that is stored
///
/// Nothing is changed. The result is kept with the version, where it can be compared with others. A file is kept as a
/// draft first.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A file, or the id or name of a version
    policy: String,

    /// What the file decides: precedence, matching, conflict or lifecycle
    #[arg(long, default_value = "precedence", value_parser = kind)]
    kind: PolicyKind,

    #[command(flatten)]
    actor: Actor,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml policy dry-run precedence.toml --by sato
  gateway --config gateway.toml --json policy dry-run 2026-05+1a2b3c4d --by sato | jq '.effect.fields'";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let Actor { by, note } = arguments.actor;
    let desk = Desk::open(shell, Some(&by)).await?;
    let version = desk.version_or_draft(&arguments.policy, arguments.kind, note).await?;
    let run = dry_run::start(&desk.ctx, None, version.id).await.map_err(Failure::failed)?;
    let progress = Mutex::new((Progress::begin(shell.output, "looking", None), 0));
    let watch = |done: u64, total: u64| {
        let mut shown = progress.lock().expect("no holder panics");
        shown.0.set_total(total);
        let news = done - shown.1;
        shown.0.advance(news);
        shown.1 = done;
    };
    let is_ours = desk.services.dry_runs().run(run.id, &watch).await.map_err(Failure::failed)?;
    progress.into_inner().expect("no holder panics").0.end();
    if !is_ours {
        let error = anyhow::anyhow!("a gateway that serves does the dry run {}", run.id);
        return Err(Failure::failed(error).with_hint("ask for it with `policyDryRun(id:)` in the API"));
    }
    let done = dry_run::find(&desk.ctx, run.id).await.map_err(Failure::failed)?.unwrap_or(run);
    let Some(effect) = dry_run::findings(&done).map_err(Failure::failed)? else {
        return Err(Failure::failed(anyhow::anyhow!("the dry run is {}", done.state)));
    };
    let told = json!({ "id": done.id, "version": version.version, "effect": effect });
    shell.output.result(effect_text(&effect), &told);
    Ok(())
}

/// What was found, as lines for people.
pub(super) fn effect_text(effect: &Findings) -> String {
    let mut lines = vec![format!("{} of {} records change", effect.records_changed, effect.records)];
    for it in &effect.fields {
        let place = format!("{}.{}", it.kind.code().to_lowercase(), it.field);
        lines.push(format!("{place:40} {:>9} values, {:>9} reasons", it.values, it.reasons));
    }
    for it in &effect.rules {
        let rule = |it: Option<_>| it.map_or("–", mastering::survivorship::steps::Step::code);
        lines.push(format!(
            "{:12} {} → {}  {:>9}",
            it.kind.code(),
            rule(it.before),
            rule(it.after),
            it.count
        ));
    }
    for it in &effect.write_backs {
        let place = format!("{}.{}", it.kind.code().to_lowercase(), it.field);
        lines.push(format!("{place:40} {:>9} written to {}", it.count, it.system));
    }
    for (what, counts) in [("merged", &effect.merges), ("split", &effect.splits)] {
        lines.extend(counts.iter().map(|it| format!("{:40} {:>9} {what}", it.kind.code(), it.count)));
    }
    if effect.leads_relinked > 0 {
        let what = "leads that belong to another account";
        lines.push(format!("{what:40} {:>9}", effect.leads_relinked));
    }
    if let Some(verdicts) = &effect.verdicts {
        let what = "verdicts that would be others";
        lines.push(format!("{what:40} {:>9} of {}", verdicts.changed, verdicts.judged));
        let shifts = verdicts.shifts.iter();
        lines.extend(shifts.map(|it| format!("{} → {:30} {:>9}", it.before, it.after.code(), it.count)));
    }
    for it in &effect.tasks {
        lines.push(format!("{:40} {:>9} raised, {:>9} closed", it.task.code(), it.raised, it.closed));
    }
    lines.join("\n")
}
