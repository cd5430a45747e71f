//! `gateway policy validate` and `gateway policy diff`: what documents say.

use std::path::Path;

use clap::Args;
use domain::policies::PolicyKind;
use mastering::policy::diff::{self, Difference, Entries};
use serde_json::{Value, json};

use super::{Desk, kind, read};
use crate::cli::{Failure, Shell};
use crate::policies::service;

/// Check a policy file: everything that can be wrong with it is told with its place
#[derive(Debug, Args)]
#[command(after_help = VALIDATE_EXAMPLES)]
pub(crate) struct ValidateArguments {
    /// The file
    file: String,

    /// What it decides: precedence, matching, conflict or lifecycle
    #[arg(long, default_value = "precedence", value_parser = kind)]
    kind: PolicyKind,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  gateway policy validate precedence.toml
  gateway policy validate matching.toml --kind matching
  gateway --json policy validate precedence.toml        for a pipeline; exit code 1 when it is wrong";

/// Show what two policies say differently, place by place
///
/// Comments, order and spelling are no difference. A rule that a field takes from elsewhere is told at the field.
#[derive(Debug, Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub(crate) struct DiffArguments {
    /// A file, or the id or name of a version in the store
    policy: String,

    /// Another one to compare with; the active version when left out
    against: Option<String>,

    /// What the files decide: precedence, matching, conflict or lifecycle
    #[arg(long, default_value = "precedence", value_parser = kind)]
    kind: PolicyKind,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml policy diff precedence.toml           what activating this file would change
  gateway policy diff new.toml old.toml                               two files, without a store
  gateway --config gateway.toml policy diff 2026-05+1a2b3c4d 2026-04+5e6f7a8b";

pub(super) fn validate(arguments: &ValidateArguments, shell: &Shell) -> Result<(), Failure> {
    let document = read(&arguments.file)?;
    let version = service::declared(arguments.kind, &document).map_err(Failure::failed)?;
    let text = format!("{} is a valid {} policy: {version}", arguments.file, arguments.kind);
    shell.output.result(text, &json!({ "valid": true, "kind": arguments.kind, "version": version }));
    Ok(())
}

pub(super) async fn diff(arguments: DiffArguments, shell: &Shell) -> Result<(), Failure> {
    let (kind, after) = said(shell, &arguments.policy, arguments.kind).await?;
    let before = match &arguments.against {
        Some(other) => same_kind(kind, said(shell, other, kind).await?)?,
        None => active(shell, kind).await?,
    };
    let differences = diff::between(&before, &after);
    let lines: Vec<String> = differences.iter().map(line).collect();
    let text = if lines.is_empty() { "no difference".to_owned() } else { lines.join("\n") };
    shell.output.result(text, &differences.iter().map(entry).collect::<Vec<_>>());
    Ok(())
}

/// What a file or a stored version says.
async fn said(shell: &Shell, name: &str, kind: PolicyKind) -> Result<(PolicyKind, Entries), Failure> {
    let (kind, document) = if Path::new(name).is_file() {
        (kind, read(name)?)
    } else {
        let version = Desk::open(shell, None).await?.version(name).await?;
        (version.kind, version.document)
    };
    let invalid = |error| {
        Failure::failed(anyhow::Error::new(error).context(format!("{name} is not a valid {kind} policy")))
    };
    Ok((kind, diff::entries(kind, &document).map_err(invalid)?))
}

async fn active(shell: &Shell, kind: PolicyKind) -> Result<Entries, Failure> {
    let desk = Desk::open(shell, None).await?;
    let active = service::active(&desk.ctx).await.map_err(Failure::failed)?;
    let active = active.iter().find(|it| it.kind == kind);
    let document = &active.ok_or_else(|| Failure::failed(anyhow::anyhow!("no policy is active")))?.document;
    diff::entries(kind, document).map_err(Failure::failed)
}

fn same_kind(kind: PolicyKind, (other, entries): (PolicyKind, Entries)) -> Result<Entries, Failure> {
    match kind == other {
        true => Ok(entries),
        false => {
            Err(Failure::usage(anyhow::anyhow!("a {kind} policy and a {other} policy cannot be compared")))
        }
    }
}

fn line(it: &Difference) -> String {
    let told = |it: &Option<String>| it.clone().unwrap_or_else(|| "–".to_owned());
    format!("{}: {} → {}", it.place, told(&it.before), told(&it.after))
}

fn entry(it: &Difference) -> Value {
    json!({ "place": it.place, "before": it.before, "after": it.after })
}
