//! The timeline of a golden record's fields, in the API.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::text::Language;
use mastering::golden_record::Settlement;
use mastering::history::timeline::{Change, ChangeCause};
use mastering::survivorship::steps::Step;

use super::provenance::{SourceRecordRef, camel_case, field, shown, source};
use crate::error::Result;
use crate::golden::history::service;
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::at_hand::page_at_hand;
use crate::platform::graphql::connection::{Page, PageInput, page_cost};

/// A change of a served value.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Name of the field, as this API spells it.
    field: String,
    /// Label of the field in the caller's language.
    label: &'static str,
    /// When it changed here.
    recorded_at: DateTime<Utc>,
    /// Since when the value holds, by the source's clock as far as it can be believed; null when nobody had anything to
    /// say of the field any more.
    effective_at: Option<DateTime<Utc>>,
    /// What is served from then on.
    value: Option<String>,
    /// The system whose value it is.
    source: Option<String>,
    /// The record whose value it is; null when a person gave it.
    source_record: Option<SourceRecordRef>,
    /// The rule that decided.
    rule: Option<Step>,
    /// Label of the rule in the caller's language.
    rule_label: Option<&'static str>,
    /// Version of the policy that the rule stands in.
    policy_version: String,
    /// Why it changed.
    cause: ChangeCause,
    /// Label of the cause in the caller's language.
    cause_label: &'static str,
}

impl FieldChange {
    fn of(change: Change, language: Language) -> Self {
        let Change { field, recorded_at, settlement, policy, cause } = change;
        let settlement: Option<&Settlement> = settlement.as_ref();
        Self {
            field: camel_case(field.name()),
            label: field.label(language),
            recorded_at,
            effective_at: settlement.map(|it| it.origin.changed_at),
            value: settlement.and_then(|it| shown(field, it.value.as_deref())),
            source: settlement.map(|it| source(it).to_string()),
            source_record: settlement.and_then(Settlement::source).map(|it| (&**it).into()),
            rule: settlement.map(|it| it.step),
            rule_label: settlement.map(|it| it.step.label(language)),
            policy_version: policy,
            cause,
            cause_label: cause.label(language),
        }
    }
}

/// Looking back on golden records.
#[derive(Default)]
pub struct HistoryQueries;

#[Object]
impl HistoryQueries {
    /// Every change of the served values of a lead, account, contact or opportunity, newest first; an id that lost a merge
    /// gives the survivor's. Staff only.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn field_timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's global id.")] id: ID,
        #[graphql(desc = "Only these fields, by the names of the record's type; all when left out.")]
        fields: Option<Vec<String>>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
    ) -> Option<Result<Page<FieldChange>>> {
        let input = PageInput { first, after, last, before };
        timeline(ctx.data_unchecked(), &id, fields, &input).await.transpose()
    }
}

async fn timeline(
    ctx: &RequestContext,
    id: &ID,
    fields: Option<Vec<String>>,
    input: &PageInput,
) -> Result<Option<Page<FieldChange>>> {
    let record = RecordRef::parse(id)?;
    let fields = fields.map(|it| it.iter().map(|name| field(record, name)).collect::<Result<Vec<_>>>());
    let changes = service::changes(ctx, record, fields.transpose()?.as_deref()).await?;
    let shown = |it: Vec<Change>| it.into_iter().map(|it| FieldChange::of(it, ctx.caller.language)).collect();
    changes.map(|it| page_at_hand("fieldTimeline", shown(it), input)).transpose()
}
