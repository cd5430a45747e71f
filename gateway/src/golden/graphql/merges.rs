//! Joining golden records and taking them apart, in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use domain::ids::GoldenId;
use domain::sources::SourceKey;

use super::provenance::{camel_case, shown};
use crate::error::{OfField as _, Result};
use crate::golden::loader::RecordRef;
use crate::golden::refusals::MergeRefusal;
use crate::golden::service::{self, Ambiguous, FieldChange, Merge, Unmerge};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};

/// A preview is no decision, so it needs no reason of its own.
const PREVIEW: &str = "preview";

/// Which records are to become one.
#[derive(Debug, InputObject)]
pub struct MergeRecordsInput {
    /// Golden records of one kind, two or more; the oldest survives, and the ids of the others lead to it for ever.
    ids: Vec<ID>,
    /// Why; 1 to 2,000 characters, kept with the decision.
    reason: String,
    /// Only show what would change.
    #[graphql(default)]
    dry_run: bool,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// Which source records are to be taken out of which record.
#[derive(Debug, InputObject)]
pub struct PreviewUnmergeInput {
    /// The golden record.
    id: ID,
    /// The source records to take out: some, not all, of its `sourceRecords`.
    source_records: Vec<SourceRecordInput>,
}

/// A record in a source.
#[derive(Debug, InputObject)]
pub struct SourceRecordInput {
    /// The system, such as CRM.
    system: String,
    /// Its name for the kind of record, such as Lead.
    object: String,
    /// Its id for the record.
    external_id: String,
}

/// What joining records came to.
#[derive(SimpleObject)]
pub struct MergeRecordsPayload {
    /// The record that all of them are; ask for it by `node`.
    survivor_id: ID,
    /// What is served otherwise; empty when the request was answered before.
    changes: Vec<RecordFieldChange>,
    /// Nothing was done, only foreseen.
    is_dry_run: bool,
}

/// What taking records apart will come to.
#[derive(SimpleObject)]
pub struct UnmergePreview {
    /// The record that keeps the id.
    kept_id: ID,
    /// The ids that stand for themselves again. A part that never was a record of its own gets a new one, which is not
    /// listed here.
    restored_ids: Vec<ID>,
    /// How many new records there will be.
    new_records: i32,
    /// What will be served otherwise.
    changes: Vec<RecordFieldChange>,
    /// What was entered after the merge, so that nothing says to which side it belongs: it stays with the record that keeps
    /// the id.
    ambiguous: Vec<AmbiguousValue>,
}

/// A served value that is another one than before.
#[derive(SimpleObject)]
pub struct RecordFieldChange {
    /// The record; null for one that will be new.
    record_id: Option<ID>,
    /// Name of the field, as this API spells it.
    field: String,
    /// Label of the field in the caller's language.
    label: &'static str,
    /// What was served.
    before: Option<String>,
    /// What is served now, or would be.
    after: Option<String>,
}

/// A value that was entered, pinned or locked after records had been joined.
#[derive(SimpleObject)]
pub struct AmbiguousValue {
    /// Whether it was pinned or locked; null for what was entered.
    hold: Option<HoldKind>,
    /// Name of the field, as this API spells it.
    field: String,
    /// The value.
    value: Option<String>,
    /// Since when.
    since: DateTime<Utc>,
}

impl RecordFieldChange {
    pub(super) fn of(ctx: &RequestContext, kind: RecordKind, it: FieldChange) -> Self {
        Self {
            record_id: Some(RecordRef { kind, id: it.golden }.global_id()),
            field: camel_case(it.field.name()),
            label: it.field.label(ctx.caller.language),
            before: shown(it.field, it.before.as_deref()),
            after: shown(it.field, it.after.as_deref()),
        }
    }
}

impl From<Ambiguous> for AmbiguousValue {
    fn from(it: Ambiguous) -> Self {
        Self {
            hold: it.hold,
            value: shown(it.field, it.value.as_deref()),
            field: camel_case(it.field.name()),
            since: it.since,
        }
    }
}

impl SourceRecordInput {
    /// The record as its source names it.
    pub fn key(&self) -> Result<SourceKey> {
        let stranger = |_| MergeRefusal::NotAMember(format!("{}/{}", self.system, self.external_id));
        Ok(SourceKey {
            system: self.system.parse().map_err(stranger)?,
            object: self.object.clone(),
            external_id: self.external_id.clone(),
        })
    }
}

/// Joining records.
#[derive(Default)]
pub struct MergeMutations;

#[Object]
impl MergeMutations {
    /// Joins golden records that are one. A steward's decision: it outlives changes of the rules, and `proposeUnmerge`
    /// takes it back without loss.
    async fn merge_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which records.")] input: MergeRecordsInput,
    ) -> Result<Payload<MergeRecordsPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let records =
                input.ids.iter().map(RecordRef::parse).collect::<Result<Vec<_>>>().of_field("ids")?;
            let kind =
                records.first().map(|it| it.kind).ok_or(MergeRefusal::MergeWithItself).of_field("ids")?;
            if records.iter().any(|it| it.kind != kind) {
                return Err(MergeRefusal::DifferentKinds).of_field("ids");
            }
            let records: Vec<GoldenId> = records.into_iter().map(|it| it.id).collect();
            let merge = Merge {
                kind,
                records,
                reason: input.reason.parse().of_field("reason")?,
                is_dry_run: input.dry_run,
            };
            let merged = service::merge(ctx, input.idempotency_key.as_deref(), merge).await?;
            let changes = merged.changes.into_iter().map(|it| RecordFieldChange::of(ctx, kind, it)).collect();
            let survivor_id = RecordRef { kind, id: merged.survivor }.global_id();
            Ok(MergeRecordsPayload { survivor_id, changes, is_dry_run: input.dry_run })
        })
        .await
    }
}

/// Looking ahead at what merges and unmerges do.
#[derive(Default)]
pub struct MergeQueries;

#[Object]
impl MergeQueries {
    /// What will come of taking source records out of a golden record, when somebody approves `proposeUnmerge`. Nothing is
    /// lost: what was joined gets its former ids and values back, and rules never join the two sides again.
    async fn preview_unmerge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which source records, out of which record.")] input: PreviewUnmergeInput,
    ) -> Result<UnmergePreview> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let RecordRef { kind, id: golden } = RecordRef::parse(&input.id).of_field("id")?;
        let take_out = input
            .source_records
            .iter()
            .map(SourceRecordInput::key)
            .collect::<Result<_>>()
            .of_field("sourceRecords")?;
        let wanted = Unmerge { kind, golden, take_out, reason: PREVIEW.parse()? };
        let foreseen = service::foresee_unmerge(ctx, &wanted).await?;
        let id = |id| RecordRef { kind, id }.global_id();
        let restored = foreseen.parted.iter().filter(|it| !foreseen.created.contains(it));
        let change = |it: FieldChange| {
            let is_new = foreseen.created.contains(&it.golden);
            let change = RecordFieldChange::of(ctx, kind, it);
            RecordFieldChange { record_id: change.record_id.filter(|_| !is_new), ..change }
        };
        Ok(UnmergePreview {
            kept_id: id(foreseen.kept),
            restored_ids: restored.copied().map(id).collect(),
            new_records: i32::try_from(foreseen.created.len()).unwrap_or(i32::MAX),
            changes: foreseen.changes.iter().cloned().map(change).collect(),
            ambiguous: foreseen.ambiguous.iter().cloned().map(AmbiguousValue::from).collect(),
        })
    }
}
