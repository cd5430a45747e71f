//! What each answer would change, before it is given.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::ReviewDecision;
use domain::sources::SourceKey;
use domain::text::Language;
use entity::review::review_task::Model;
use mastering::golden_record::GoldenRecord;
use mastering::survivorship::steps::Step;

use crate::error::Result;
use crate::golden::graphql::{field_name, shown};
use crate::golden::loader::RecordRef;
use crate::golden::records::{Whole, WholeByKey};
use crate::platform::context::RequestContext;
use crate::review::consequence::{Change, Effect};
use crate::review::loader;
use crate::review::rehearsal::{Rehearsed, is_rehearsed};
use crate::review::subject::Subject;

/// What an answer would change, were it given now.
#[derive(SimpleObject)]
pub struct ReviewConsequence {
    /// The answer.
    decision: ReviewDecision,
    /// Its label in the caller's language.
    decision_label: &'static str,
    /// Whether golden records change. An answer that changes none is only noted, or tells a system again what it was told.
    changes_records: bool,
    /// The golden record that would keep its id.
    survivor_id: Option<ID>,
    /// The golden record whose id would redirect to the survivor.
    other_id: Option<ID>,
    /// The fields that would not be served as they are.
    fields: Vec<FieldConsequence>,
}

/// A field that would change.
#[derive(SimpleObject)]
pub struct FieldConsequence {
    /// Name of the field, as this API spells it.
    field: String,
    /// Its label in the caller's language.
    label: &'static str,
    /// What the record that keeps its id serves now.
    before: Option<String>,
    /// What the other one serves: now when they are joined, then when they are taken apart.
    other: Option<String>,
    /// What the record that keeps its id would serve.
    after: Option<String>,
    /// The system it would come from; null when a person gave it.
    source: Option<String>,
    /// The rule that would decide.
    rule: Option<Step>,
    /// The label of the rule in the caller's language.
    rule_label: Option<&'static str>,
}

impl ReviewConsequence {
    fn nothing(decision: ReviewDecision, language: Language) -> Self {
        Self {
            decision,
            decision_label: decision.label(language),
            changes_records: false,
            survivor_id: None,
            other_id: None,
            fields: Vec::new(),
        }
    }

    /// The field is served as its sources say it.
    fn of_unpin(kind: RecordKind, subject: &Subject, language: Language) -> Self {
        let field = subject.field.as_deref().and_then(|it| kind.field(it).ok());
        let field = field.map(|it| FieldConsequence {
            field: field_name(it),
            label: it.label(language),
            before: shown(it, subject.pinned.as_deref()),
            other: None,
            after: shown(it, subject.would_be.as_deref()),
            source: None,
            rule: None,
            rule_label: None,
        });
        let fields = field.into_iter().collect();
        Self { changes_records: true, fields, ..Self::nothing(ReviewDecision::Unpin, language) }
    }

    fn of(decision: ReviewDecision, kind: RecordKind, effect: &Effect, language: Language) -> Self {
        let global = |id: GoldenId| RecordRef { kind, id }.global_id();
        let field = |it: &Change| FieldConsequence::of(it, effect.result(), language);
        Self {
            changes_records: true,
            survivor_id: Some(global(effect.kept)),
            other_id: effect.redirected.map(global),
            fields: effect.changes.iter().map(field).collect(),
            ..Self::nothing(decision, language)
        }
    }
}

impl FieldConsequence {
    fn of(change: &Change, result: &GoldenRecord, language: Language) -> Self {
        let settlement = result.settlement(change.field);
        Self {
            field: field_name(change.field),
            label: change.field.label(language),
            before: shown(change.field, change.before.as_deref()),
            other: shown(change.field, change.other.as_deref()),
            after: shown(change.field, result.text(change.field)),
            source: settlement.and_then(|it| it.source()).map(|it| it.system.to_string()),
            rule: settlement.map(|it| it.step),
            rule_label: settlement.map(|it| it.step.label(language)),
        }
    }
}

/// What each answer to a task would change.
pub(super) async fn consequences(
    ctx: &RequestContext,
    task: &Model,
    subject: &Subject,
) -> Result<Vec<ReviewConsequence>> {
    let joined = joined(ctx, task, subject).await?;
    let rehearsed = rehearsed(ctx, task).await?;
    let consequence = |&decision: &ReviewDecision| match (&joined, &rehearsed) {
        (Some(effect), _) if joins(decision) => {
            ReviewConsequence::of(decision, task.record_kind, effect, ctx.caller.language)
        }
        (_, Some(effect)) if is_rehearsed(decision) => {
            ReviewConsequence::of(decision, task.record_kind, effect, ctx.caller.language)
        }
        _ if decision == ReviewDecision::Unpin => {
            ReviewConsequence::of_unpin(task.record_kind, subject, ctx.caller.language)
        }
        _ => ReviewConsequence::nothing(decision, ctx.caller.language),
    };
    Ok(task.kind.decisions().iter().map(consequence).collect())
}

/// Whether the decision joins golden records.
fn joins(decision: ReviewDecision) -> bool {
    matches!(decision, ReviewDecision::Same | ReviewDecision::Follow)
}

/// What becomes of the golden records that the two records belong to today; `None` when nothing does.
async fn joined(ctx: &RequestContext, task: &Model, subject: &Subject) -> Result<Option<Effect>> {
    if !task.kind.decisions().iter().copied().any(joins) {
        return Ok(None);
    }
    let (left, right) = (whole(ctx, subject.left.as_ref()), whole(ctx, subject.right.as_ref()));
    let both = futures::future::try_join(left, right).await?;
    let rules = loader::rules(ctx).await?;
    Ok(match both {
        (Some(left), Some(right)) if left.golden != right.golden => {
            Some(Effect::of_merge(&rules.precedence, task.record_kind, &left, &right))
        }
        _ => None,
    })
}

/// What an answer that is rehearsed would do.
async fn rehearsed(ctx: &RequestContext, task: &Model) -> Result<Option<Arc<Effect>>> {
    match task.kind.decisions().iter().copied().any(is_rehearsed) {
        true => ctx.batch::<Rehearsed>().get(ctx, task.id).await,
        false => Ok(None),
    }
}

async fn whole(ctx: &RequestContext, key: Option<&SourceKey>) -> Result<Option<Whole>> {
    match key {
        Some(key) => ctx.batch::<WholeByKey>().get(ctx, key.clone()).await,
        None => Ok(None),
    }
}
