//! `gateway lead pin|unpin|lock|unlock`: fixing a field against its sources, and letting it go.

use chrono::{DateTime, Utc};
use clap::Args;
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use domain::review::Reason;
use mastering::golden_record::Settlement;
use serde_json::json;

use super::merge::id;
use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::golden::graphql::field_named;
use crate::golden::history::service::explain;
use crate::golden::loader::RecordRef;
use crate::golden::pins::service::{self, Place, Wish};
use crate::platform::idempotency::Once;

/// Give a field a value that counts whatever sources say
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gateway lead pin TGVhZDowMTk… phone 03-1234-5678 --by steward-1 --reason 'asked by phone'
  gateway account pin 01977a3e-… name 株式会社極洋 --by steward-1 --reason 登記 --until 2027-01-01T00:00:00Z")]
pub(crate) struct PinArguments {
    #[command(flatten)]
    place: PlaceArguments,

    /// The value; an empty one leaves the field empty
    #[arg(value_name = "VALUE")]
    value: String,

    #[command(flatten)]
    because: Because,

    /// When it ends by itself
    #[arg(long, value_name = "INSTANT")]
    until: Option<DateTime<Utc>>,
}

/// Keep a field as it is served now
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gateway lead lock TGVhZDowMTk… title --by steward-1 --reason 異動中")]
pub(crate) struct LockArguments {
    #[command(flatten)]
    place: PlaceArguments,

    #[command(flatten)]
    because: Because,

    /// When it ends by itself
    #[arg(long, value_name = "INSTANT")]
    until: Option<DateTime<Utc>>,
}

/// Let the sources of a field decide again
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gateway lead unpin TGVhZDowMTk… phone --by steward-1 --reason 'the CRM has it now'"
)]
pub(crate) struct ReleaseArguments {
    #[command(flatten)]
    place: PlaceArguments,

    #[command(flatten)]
    because: Because,
}

/// A field of a record.
#[derive(Debug, Args)]
struct PlaceArguments {
    /// The record: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,

    /// The field, such as `phone` or `lastName`
    #[arg(value_name = "FIELD")]
    field: String,
}

/// Who does it, and why.
#[derive(Debug, Args)]
struct Because {
    /// Whom the command speaks for: the subject of that person's tokens
    #[arg(long, value_name = "SUBJECT")]
    by: String,

    /// Why; kept with the pin or lock
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn pin(kind: RecordKind, arguments: PinArguments, shell: &Shell) -> Result<(), Failure> {
    let fixing = Fixing::of(kind, &arguments.place, &arguments.because, shell).await?;
    let value = fixing.place.field.canonical(&arguments.value).map_err(Failure::usage)?;
    let wish = fixing.wish(arguments.until);
    service::pin(&fixing.desk.ctx, fixing.once()?, wish, value).await.map_err(Failure::failed)?;
    fixing.tell(shell).await
}

pub(super) async fn lock(kind: RecordKind, arguments: LockArguments, shell: &Shell) -> Result<(), Failure> {
    let fixing = Fixing::of(kind, &arguments.place, &arguments.because, shell).await?;
    let wish = fixing.wish(arguments.until);
    service::lock(&fixing.desk.ctx, fixing.once()?, wish).await.map_err(Failure::failed)?;
    fixing.tell(shell).await
}

pub(super) async fn release(
    kind: RecordKind,
    hold: HoldKind,
    arguments: ReleaseArguments,
    shell: &Shell,
) -> Result<(), Failure> {
    let fixing = Fixing::of(kind, &arguments.place, &arguments.because, shell).await?;
    let (place, reason) = (fixing.place, fixing.reason.clone());
    let released = service::release(&fixing.desk.ctx, fixing.once()?, hold, place, reason).await;
    released.map_err(Failure::failed)?;
    fixing.tell(shell).await
}

/// A field that somebody fixes, or lets go.
struct Fixing {
    desk: Desk,
    place: Place,
    reason: Reason,
}

impl Fixing {
    async fn of(
        kind: RecordKind,
        place: &PlaceArguments,
        because: &Because,
        shell: &Shell,
    ) -> Result<Self, Failure> {
        let record = RecordRef { kind, id: id(kind, &place.id)? };
        let field = field_named(kind, &place.field).map_err(Failure::usage)?;
        let reason = because.reason.parse().map_err(Failure::usage)?;
        let desk = Desk::open(shell, Some(&because.by)).await?;
        Ok(Self { desk, place: Place { record, field }, reason })
    }

    fn wish(&self, until: Option<DateTime<Utc>>) -> Wish {
        Wish { place: self.place, version: None, reason: self.reason.clone(), until }
    }

    /// Nobody repeats a command without knowing.
    fn once(&self) -> Result<Once<'static>, Failure> {
        Once::new(None, "", &()).map_err(Failure::failed)
    }

    async fn tell(&self, shell: &Shell) -> Result<(), Failure> {
        let Place { record, field } = self.place;
        let now = explain(&self.desk.ctx, record, None).await.map_err(Failure::failed)?;
        let settlement = now.golden.settlement(field);
        let value = settlement.and_then(|it| it.value.as_deref());
        let rule = settlement.map(|it: &Settlement| it.step.code());
        let text = format!("{} = {} ({})", field.name(), value.unwrap_or("(empty)"), rule.unwrap_or("–"));
        shell
            .output
            .result(text, &json!({ "id": now.id, "field": field.name(), "value": value, "rule": rule }));
        Ok(())
    }
}
