//! `gateway lead erase` and `contact erase`: erasing a person from everything that is kept here.

use std::fmt::{self, Display};

use clap::Args;
use domain::fields::RecordKind;
use domain::sources::SourceKey;
use serde_json::{Value, json};

use super::merge::{Because, id};
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::erasure::service::{self, Erase, Erased};
use crate::golden::loader::RecordRef;
use crate::platform::idempotency::Once;

/// Erase the person of a lead or contact for good: values, history, pins, questions. Ids and counts stay
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gateway lead erase TGVhZDowMTk… --by admin-1 --reason 'request 2026-17' --dry-run
  gateway contact erase 01977a3e-… --by admin-1 --reason '消去請求 2026-17'")]
pub(crate) struct EraseArguments {
    /// The lead or contact: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,

    #[command(flatten)]
    because: Because,
}

pub(super) async fn run(kind: RecordKind, arguments: EraseArguments, shell: &Shell) -> Result<(), Failure> {
    let record = RecordRef { kind, id: id(kind, &arguments.id)? };
    let Because { by, reason, dry_run } = arguments.because;
    let wanted = Erase { record, reason: reason.parse().map_err(Failure::usage)?, is_dry_run: dry_run };
    let desk = Desk::open(shell, Some(&by)).await?;
    // Nobody repeats a command without knowing.
    let once = Once::new(None, "", &()).map_err(Failure::failed)?;
    let erased = service::erase(&desk.ctx, once, &wanted).await.map_err(Failure::failed)?;
    let outcome = Outcome { record: RecordRef { id: erased.id, ..record }, erased, is_dry_run: dry_run };
    shell.output.result(&outcome, &outcome.json());
    Ok(())
}

/// What was erased, or would be.
struct Outcome {
    record: RecordRef,
    erased: Erased,
    is_dry_run: bool,
}

impl Outcome {
    fn json(&self) -> Value {
        let keys = |keys: &[SourceKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({
            "recordId": self.record.global_id().to_string(),
            "erasedRecords": self.erased.records,
            "stillIn": keys(&self.erased.elsewhere),
            "leftAlone": keys(&self.erased.others),
            "changed": self.erased.is_changed,
            "isDryRun": self.is_dry_run,
        })
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match (self.erased.is_changed, self.is_dry_run) {
            (false, _) => "was erased before",
            (true, false) => "erased",
            (true, true) => "would be erased",
        };
        let records = self.erased.records;
        write!(f, "{done}  {} ({records} source records)", *self.record.global_id())?;
        for key in &self.erased.elsewhere {
            write!(f, "\nstill in {key}: erase the person there")?;
        }
        for key in &self.erased.others {
            write!(f, "\nleft alone {key}: declared another person's")?;
        }
        Ok(())
    }
}
