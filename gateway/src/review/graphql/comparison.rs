//! The two records of a task, side by side.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::review::Agreement;
use domain::sources::SourceKey;
use domain::text::Language;
use mastering::survivorship::field_states::FieldStates;

use crate::error::Result;
use crate::golden::graphql::{SourceRecordRef, field_name, shown};
use crate::golden::loader::RecordRef;
use crate::golden::records::{RecordByKey, SaidRecord};
use crate::platform::context::RequestContext;
use crate::review::comparison::{Compared, compare};
use crate::review::subject::Subject;

/// A record of a task, as its source says it today.
#[derive(SimpleObject)]
pub struct ReviewedRecord {
    /// What its source calls it.
    source_record: SourceRecordRef,
    /// Global id of the golden record that it belongs to today; null when it is not known any more.
    golden_id: Option<ID>,
    /// Whether its source still has it.
    is_live: bool,
    /// When it was last modified, by the source's clock.
    modified_at: Option<DateTime<Utc>>,
}

/// One field of both records.
#[derive(SimpleObject)]
pub struct ComparedField {
    /// Name of the field, as this API spells it.
    field: String,
    /// Its label in the caller's language.
    label: &'static str,
    /// What the left record says.
    left: Option<String>,
    /// What the right record says.
    right: Option<String>,
    /// How they agree.
    agreement: Agreement,
    /// The label of that in the caller's language.
    agreement_label: &'static str,
}

impl ReviewedRecord {
    fn of(key: &SourceKey, kind: RecordKind, record: Option<&SaidRecord>) -> Self {
        let golden = record.and_then(|it| it.golden);
        Self {
            source_record: key.into(),
            golden_id: golden.map(|id| RecordRef { kind, id }.global_id()),
            is_live: record.is_some_and(|it| it.is_live),
            modified_at: record.map(|it| it.modified_at),
        }
    }
}

impl ComparedField {
    fn of(it: Compared, language: Language) -> Self {
        Self {
            field: field_name(it.field),
            label: it.field.label(language),
            left: shown(it.field, it.left.as_deref()),
            right: shown(it.field, it.right.as_deref()),
            agreement: it.agreement,
            agreement_label: it.agreement.label(language),
        }
    }
}

/// A record of a task.
pub(super) async fn record(
    ctx: &RequestContext,
    kind: RecordKind,
    key: Option<&SourceKey>,
) -> Result<Option<ReviewedRecord>> {
    let Some(key) = key else { return Ok(None) };
    let record = said(ctx, Some(key)).await?;
    Ok(Some(ReviewedRecord::of(key, kind, record.as_deref())))
}

/// Both records, field by field.
pub(super) async fn fields(
    ctx: &RequestContext,
    kind: RecordKind,
    subject: &Subject,
) -> Result<Vec<ComparedField>> {
    let (left, right) = (said(ctx, subject.left.as_ref()), said(ctx, subject.right.as_ref()));
    let (left, right) = futures::future::try_join(left, right).await?;
    let silent = FieldStates::default();
    let left = left.as_ref().map_or(&silent, |it| &it.states);
    let right = right.as_ref().map_or(&silent, |it| &it.states);
    let compared = compare(kind, left, right).into_iter();
    Ok(compared.map(|it| ComparedField::of(it, ctx.caller.language)).collect())
}

async fn said(ctx: &RequestContext, key: Option<&SourceKey>) -> Result<Option<Arc<SaidRecord>>> {
    match key {
        Some(key) => ctx.batch::<RecordByKey>().get(ctx, key.clone()).await,
        None => Ok(None),
    }
}
