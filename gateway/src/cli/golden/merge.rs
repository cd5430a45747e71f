//! `gateway lead merge` and `unmerge`: joining golden records and taking them apart.

use std::fmt::{self, Display};
use std::str::FromStr;

use clap::Args;
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use domain::ids::{GoldenId, ReviewTaskId};
use domain::sources::SourceKey;
use serde_json::{Value, json};

use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::golden::loader::{RecordRef, node_type};
use crate::golden::service::{self, Ambiguous, FieldChange, Merge, Unmerge};
use crate::platform::graphql::node_id::NodeId;
use crate::review::service::propose_unmerge;

/// Join records that are one; the oldest survives, and the ids of the others lead to it for ever
#[derive(Debug, Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub(crate) struct MergeArguments {
    /// The records, two or more: global ids, or UUIDs
    #[arg(value_name = "ID", num_args = 2.., required = true)]
    ids: Vec<String>,

    #[command(flatten)]
    because: Because,
}

/// Ask somebody else to take source records out of a record again; ids and values come back as they were
#[derive(Debug, Args)]
#[command(after_help = UNMERGE_EXAMPLES)]
pub(crate) struct UnmergeArguments {
    /// The record: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,

    /// A source record to take out, such as CRM/Lead/00Q5g000001; `lead why` names them
    #[arg(long = "take", value_name = "SYSTEM/OBJECT/ID", required = true)]
    take: Vec<NamedKey>,

    #[command(flatten)]
    because: Because,
}

/// Who decides, and why.
#[derive(Debug, Args)]
pub(super) struct Because {
    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    pub(super) by: String,

    /// Why; kept with the decision
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,

    /// Only show what would change
    #[arg(long)]
    pub(super) dry_run: bool,
}

const MERGE_EXAMPLES: &str = "\
Examples:
  gateway lead merge TGVhZDowMTk… TGVhZDowMWE… --by steward-1 --reason 'one person, asked by phone' --dry-run
  gateway account merge 01977a3e-… 01977a40-… --by steward-1 --reason 'renamed in April'";

const UNMERGE_EXAMPLES: &str = "\
Examples:
  gateway lead unmerge TGVhZDowMTk… --take CRM/Lead/00Q5g000001 --by steward-1 --reason 'father and son' --dry-run
  gateway lead unmerge 01977a3e-… --take MA/Lead/77 --by steward-1 --reason '別人'
  gateway review decide TASK APPROVE --by admin-1 --reason '確認した'                      somebody else, then";

/// A source record, as it is written on the command line.
#[derive(Debug, Clone)]
struct NamedKey(SourceKey);

impl FromStr for NamedKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '/');
        let (Some(system), Some(object), Some(external_id)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err("name it as SYSTEM/OBJECT/ID, such as CRM/Lead/00Q5g000001".to_owned());
        };
        let system = system.parse().map_err(|error: domain::sources::InvalidSystem| error.to_string())?;
        Ok(Self(SourceKey { system, object: object.to_owned(), external_id: external_id.to_owned() }))
    }
}

pub(super) async fn merge(kind: RecordKind, arguments: MergeArguments, shell: &Shell) -> Result<(), Failure> {
    let records = arguments.ids.iter().map(|it| id(kind, it)).collect::<Result<_, _>>()?;
    let Because { by, reason, dry_run } = arguments.because;
    let reason = reason.parse().map_err(Failure::usage)?;
    let desk = Desk::open(shell, Some(&by)).await?;
    let merge = Merge { kind, records, reason, is_dry_run: dry_run };
    let merged = service::merge(&desk.ctx, None, merge).await.map_err(Failure::failed)?;
    let outcome = Outcome {
        kind,
        kept: merged.survivor,
        parted: Vec::new(),
        changes: merged.changes,
        ambiguous: Vec::new(),
        is_dry_run: dry_run,
        task: None,
    };
    shell.output.result(&outcome, &outcome.json());
    Ok(())
}

pub(super) async fn unmerge(
    kind: RecordKind,
    arguments: UnmergeArguments,
    shell: &Shell,
) -> Result<(), Failure> {
    let golden = id(kind, &arguments.id)?;
    let Because { by, reason, dry_run } = arguments.because;
    let reason = reason.parse().map_err(Failure::usage)?;
    let take_out = arguments.take.into_iter().map(|it| it.0).collect();
    let desk = Desk::open(shell, Some(&by)).await?;
    let wanted = Unmerge { kind, golden, take_out, reason };
    let unmerged = service::foresee_unmerge(&desk.ctx, &wanted).await.map_err(Failure::failed)?;
    let task = match dry_run {
        true => None,
        false => Some(propose_unmerge(&desk.ctx, None, wanted).await.map_err(Failure::failed)?.id),
    };
    let outcome = Outcome {
        kind,
        kept: unmerged.kept,
        parted: unmerged.parted,
        changes: unmerged.changes,
        ambiguous: unmerged.ambiguous,
        is_dry_run: dry_run,
        task,
    };
    shell.output.result(&outcome, &outcome.json());
    Ok(())
}

pub(in crate::cli) fn id(kind: RecordKind, text: &str) -> Result<GoldenId, Failure> {
    Ok(NodeId::plain_or_global(text, node_type(kind)).map_err(Failure::usage)?.into())
}

/// What was done, or would be.
struct Outcome {
    kind: RecordKind,
    kept: GoldenId,
    parted: Vec<GoldenId>,
    changes: Vec<FieldChange>,
    ambiguous: Vec<Ambiguous>,
    is_dry_run: bool,
    /// Asks somebody else to approve it.
    task: Option<ReviewTaskId>,
}

impl Outcome {
    fn global(&self, id: GoldenId) -> String {
        RecordRef { kind: self.kind, id }.global_id().to_string()
    }

    fn json(&self) -> Value {
        let change = |it: &FieldChange| {
            json!({
                "id": self.global(it.golden), "field": it.field.name(), "before": it.before, "after": it.after,
            })
        };
        let ambiguous = |it: &Ambiguous| json!({ "hold": it.hold, "field": it.field.name(), "value": it.value, "since": it.since });
        json!({
            "keptId": self.global(self.kept),
            "partedIds": self.parted.iter().map(|it| self.global(*it)).collect::<Vec<_>>(),
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "ambiguous": self.ambiguous.iter().map(ambiguous).collect::<Vec<_>>(),
            "isDryRun": self.is_dry_run,
            "taskId": self.task,
        })
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "(empty)".to_owned());
        write!(f, "kept    {}", self.global(self.kept))?;
        for id in &self.parted {
            write!(f, "\nparted  {}", self.global(*id))?;
        }
        for it in &self.changes {
            let (before, after) = (text(&it.before), text(&it.after));
            write!(f, "\n  {}  {}: {before} -> {after}", self.global(it.golden), it.field.name())?;
        }
        for it in &self.ambiguous {
            let done = match it.hold {
                None => "entered",
                Some(HoldKind::Pin) => "pinned",
                Some(HoldKind::Lock) => "locked",
            };
            let (field, value) = (it.field.name(), text(&it.value));
            write!(f, "\n{done} since, stays with the kept record: {field} = {value}")?;
        }
        if let Some(task) = self.task {
            write!(f, "\nnothing was changed yet; somebody else has to approve it:")?;
            write!(f, "\n  gateway review decide {task} APPROVE --by SUBJECT --reason TEXT")?;
        }
        if self.is_dry_run {
            write!(f, "\nnothing was changed; leave --dry-run away to do it")?;
        }
        Ok(())
    }
}
