//! Why a golden record has its values, in the API.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{ProvenanceView, provenance_view};
use domain::fields::{Field, FieldKind, RecordKind};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::{SourceKey, SourceSystem};
use domain::text::Language;
use entity::golden::hold;
use mastering::golden_record::{GoldenRecord, Loser, Settlement};
use mastering::survivorship::steps::Step;
use uuid::Uuid;

use super::pins::{FieldLock, Pin};
use super::supplied::supplied_by_caller;
use crate::error::{Refusal, Result};
use crate::golden::history::past::Then;
use crate::golden::loader::{RecordRef, SettlementsOf};
use crate::golden::pins::loader::HoldById;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// What partners see instead of the name of a source.
pub(in crate::golden) const SYSTEM: &str = "SYSTEM";

/// Why one field has its value.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FieldProvenance {
    /// Name of the field, as this API spells it.
    field: String,
    /// Label of the field in the caller's language.
    label: &'static str,
    /// The served value, in canonical text; a partner or partner user by its global id.
    value: Option<String>,
    /// The system whose value is served, `OWN` for a pinned value; for partners `SYSTEM`, unless their own people
    /// entered it.
    source: String,
    /// The record whose value is served, null for a pinned value; shown to staff.
    source_record: Option<SourceRecordRef>,
    /// When we first saw the value; shown to staff, and to partners of what their own people entered.
    observed_at: Option<DateTime<Utc>>,
    /// Since when the value holds, by the source's clock as far as it can be believed; shown as `observedAt`
    /// is.
    effective_at: Option<DateTime<Utc>>,
    /// Whether the source's clock was ahead, so that `effectiveAt` is when we saw it; shown to staff.
    clock_skew: Option<bool>,
    /// The rule that decided; shown to staff.
    rule: Option<Step>,
    /// Label of the rule in the caller's language; shown to staff.
    rule_label: Option<&'static str>,
    /// Version of the policy that the rule stands in.
    policy_version: String,
    /// What else there was and why it lost; shown to staff.
    losers: Vec<LosingValue>,
    /// The version of the field: another one as soon as the served value comes from elsewhere; shown to staff.
    version: Option<String>,
    #[graphql(skip)]
    of: Field,
    #[graphql(skip)]
    hold: Option<HoldId>,
    #[graphql(skip)]
    instead: Option<Instead>,
}

/// What would be served without the pin or lock.
#[derive(Clone, SimpleObject)]
pub struct Instead {
    /// The value; null is empty.
    value: Option<String>,
    /// The system that says it.
    source: String,
    /// The record that says it.
    source_record: SourceRecordRef,
    /// Since when it says so.
    effective_at: DateTime<Utc>,
    /// The rule by which it would win.
    rule: Step,
    /// Label of that rule in the caller's language.
    rule_label: &'static str,
}

/// A value that is not served.
#[derive(SimpleObject)]
pub struct LosingValue {
    /// What the source says; null is explicitly empty.
    value: Option<String>,
    /// The system that says it.
    source: String,
    /// The record that says it.
    source_record: SourceRecordRef,
    /// Since when it says so.
    effective_at: DateTime<Utc>,
    /// The rule at which it lost.
    lost_at: Step,
    /// Label of that rule in the caller's language.
    lost_at_label: &'static str,
}

/// A record in a source.
#[derive(Clone, SimpleObject)]
pub struct SourceRecordRef {
    /// The system.
    system: String,
    /// Its name for the kind of record.
    object: String,
    /// Its id for the record.
    external_id: String,
}

impl From<&SourceKey> for SourceRecordRef {
    fn from(key: &SourceKey) -> Self {
        Self {
            system: key.system.to_string(),
            object: key.object.clone(),
            external_id: key.external_id.clone(),
        }
    }
}

impl FieldProvenance {
    /// The field it is about.
    pub fn of(&self) -> Field {
        self.of
    }

    /// Hides the values that the caller may not see any more.
    pub fn mask(&mut self, masked: &str) {
        self.value = self.value.take().map(|_| masked.to_owned());
        self.losers.clear();
        self.hold = None;
        self.instead = None;
    }

    fn full(field: Field, settlement: &Settlement, policy: &str, language: Language) -> Self {
        Self {
            source: source(settlement).to_string(),
            source_record: settlement.source().map(|it| (&**it).into()),
            observed_at: Some(settlement.origin.observed_at),
            effective_at: Some(settlement.origin.changed_at),
            clock_skew: Some(settlement.origin.clock_skew),
            rule: Some(settlement.step),
            rule_label: Some(settlement.step.label(language)),
            losers: settlement.losers.iter().map(|it| LosingValue::of(field, it, language)).collect(),
            version: Some(settlement.origin.sequence.to_string()),
            hold: settlement.hold(),
            instead: settlement.would_win().map(|it| Instead::of(field, it, language)),
            ..Self::value_only(field, settlement, policy, language)
        }
    }

    /// What a partner sees of a value that its own people entered.
    fn own_supplied(field: Field, settlement: &Settlement, policy: &str, language: Language) -> Self {
        Self {
            source: source(settlement).to_string(),
            observed_at: Some(settlement.origin.observed_at),
            effective_at: Some(settlement.origin.changed_at),
            ..Self::value_only(field, settlement, policy, language)
        }
    }

    /// What a partner sees: the value it sees anyway. Nothing tells which systems there are or what they disagree on.
    fn value_only(field: Field, settlement: &Settlement, policy: &str, language: Language) -> Self {
        Self {
            field: field_name(field),
            label: field.label(language),
            value: shown(field, settlement.value.as_deref()),
            source: SYSTEM.to_owned(),
            source_record: None,
            observed_at: None,
            effective_at: None,
            clock_skew: None,
            rule: None,
            rule_label: None,
            policy_version: policy.to_owned(),
            losers: Vec::new(),
            version: None,
            of: field,
            hold: None,
            instead: None,
        }
    }
}

#[ComplexObject]
impl FieldProvenance {
    /// The pin that decided: the value was given by a person; shown to staff.
    async fn pin(&self, ctx: &Context<'_>) -> Option<Result<Pin>> {
        let row = hold(ctx.data_unchecked(), self.hold?).await.transpose()?;
        row.and_then(|it| (it.hold == HoldKind::Pin).then(|| Pin::of(&it)).transpose()).transpose()
    }

    /// The lock that decided: the value stays as it was; shown to staff.
    async fn lock(&self, ctx: &Context<'_>) -> Option<Result<FieldLock>> {
        let row = hold(ctx.data_unchecked(), self.hold?).await.transpose()?;
        row.map(|it| (it.hold == HoldKind::Lock).then(|| FieldLock::of(&it))).transpose()
    }

    /// What would be served without the pin or lock; null without one, or when no source has a say; shown to staff.
    async fn without_hold(&self) -> Option<&Instead> {
        self.instead.as_ref()
    }
}

async fn hold(ctx: &RequestContext, id: HoldId) -> Result<Option<Arc<hold::Model>>> {
    ctx.batch::<HoldById>().get(ctx, id).await
}

impl Instead {
    fn of(field: Field, (loser, step): (&Loser, Step), language: Language) -> Self {
        Self {
            value: shown(field, loser.value.as_deref()),
            source: loser.source.system.to_string(),
            source_record: (&*loser.source).into(),
            effective_at: loser.changed_at,
            rule: step,
            rule_label: step.label(language),
        }
    }
}

impl LosingValue {
    fn of(field: Field, loser: &Loser, language: Language) -> Self {
        Self {
            value: shown(field, loser.value.as_deref()),
            source: loser.source.system.to_string(),
            source_record: (&*loser.source).into(),
            effective_at: loser.changed_at,
            lost_at: loser.step,
            lost_at_label: loser.step.label(language),
        }
    }
}

/// A field that a kind of record does not have.
#[derive(Debug, Clone, thiserror::Error)]
#[error("there is no field `{0}`; name fields as this type names them, such as `lastName`")]
pub struct NoSuchField(String);

impl Refusal for NoSuchField {
    fn code(&self) -> &'static str {
        "NO_SUCH_FIELD"
    }
}

/// Why the fields of a record have their values.
pub async fn provenance(
    ctx: &RequestContext,
    record: RecordRef,
    then: Option<&Then>,
    names: Option<Vec<String>>,
) -> Result<Vec<FieldProvenance>> {
    let wanted =
        names.map(|it| it.iter().map(|name| field(record, name)).collect::<Result<Vec<_>>>()).transpose()?;
    let Some(golden) = settlements(ctx, record, then).await? else { return Ok(Vec::new()) };
    let view = provenance_view(&ctx.caller.roles);
    let own = match view {
        ProvenanceView::Full => BTreeSet::new(),
        ProvenanceView::OwnSupplied => supplied_by_caller(ctx, &golden).await?,
    };
    let entry = |(field, settlement): (Field, &Settlement)| {
        let show = match view {
            ProvenanceView::Full => FieldProvenance::full,
            ProvenanceView::OwnSupplied if own.contains(&field) => FieldProvenance::own_supplied,
            ProvenanceView::OwnSupplied => FieldProvenance::value_only,
        };
        show(field, settlement, golden.policy(), ctx.caller.language)
    };
    let is_wanted = |field: Field| wanted.as_ref().is_none_or(|it| it.contains(&field));
    let wanted =
        golden.settlements().filter(|(field, it)| is_wanted(*field) && is_disclosed(ctx, *field, it));
    Ok(wanted.map(entry).collect())
}

/// The settlements of a record as it is shown: as it is now, or as it was.
async fn settlements(
    ctx: &RequestContext,
    record: RecordRef,
    then: Option<&Then>,
) -> Result<Option<Arc<GoldenRecord>>> {
    match then {
        Some(then) => Ok(Some(Arc::clone(&then.golden))),
        None => ctx.batch::<SettlementsOf>().get(ctx, record).await,
    }
}

/// Why one field has its value.
pub(super) async fn one(
    ctx: &RequestContext,
    record: RecordRef,
    field: Field,
) -> Result<Option<FieldProvenance>> {
    Ok(provenance(ctx, record, None, Some(vec![camel_case(field.name())])).await?.pop())
}

/// Whether the caller may know that the field has this value. Ids of records in a source are for staff, and a partner
/// learns of no other partner.
fn is_disclosed(ctx: &RequestContext, field: Field, settlement: &Settlement) -> bool {
    if provenance_view(&ctx.caller.roles) == ProvenanceView::Full {
        return true;
    }
    match field.kind() {
        FieldKind::Reference(_) => false,
        FieldKind::Partner => settlement.value == ctx.caller.partner.map(|it| it.to_string()),
        _ => true,
    }
}

/// The system whose value is served; what a person gave is our own.
pub fn source(settlement: &Settlement) -> SourceSystem {
    settlement.source().map_or_else(SourceSystem::own, |it| it.system.clone())
}

/// A value as this API writes it: ids of our own are global ids.
pub fn shown(field: Field, value: Option<&str>) -> Option<String> {
    let node_type = match field.kind() {
        FieldKind::Partner => NodeType::Partner,
        FieldKind::PartnerUser => NodeType::PartnerUser,
        _ => return value.map(str::to_owned),
    };
    let id: Uuid = value?.parse().ok()?;
    Some(NodeId::encode(node_type, id).to_string())
}

/// The live source records of a golden record; `None` for partners.
pub async fn source_records(
    ctx: &RequestContext,
    record: RecordRef,
    then: Option<&Then>,
) -> Option<Result<Vec<SourceRecordRef>>> {
    if provenance_view(&ctx.caller.roles) != ProvenanceView::Full {
        return None;
    }
    let keys =
        |golden: &GoldenRecord| golden.sources().iter().map(|it| SourceRecordRef::from(&**it)).collect();
    let golden = settlements(ctx, record, then).await;
    Some(golden.map(|it| it.map(|it| keys(&it)).unwrap_or_default()))
}

/// The field of that name, as this API spells it.
pub(super) fn field(record: RecordRef, name: &str) -> Result<Field> {
    let found = record.kind.fields().find(|it| camel_case(it.name()) == name);
    Ok(found.ok_or_else(|| NoSuchField(name.to_owned()))?)
}

/// The field of that name, as this API or the catalogue spells it.
pub fn field_named(kind: RecordKind, name: &str) -> Result<Field> {
    let found = kind.fields().find(|it| camel_case(it.name()) == name || it.name() == name);
    Ok(found.ok_or_else(|| NoSuchField(name.to_owned()))?)
}

/// The name of a field as this API spells it.
pub fn field_name(field: Field) -> String {
    camel_case(field.name())
}

/// `last_name` as this API spells it: `lastName`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        text + &head.to_ascii_uppercase() + tail
    })
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn names_are_spelled_as_in_the_api() {
        assert_eq!(camel_case("last_name_kana"), "lastNameKana");
        assert_eq!(camel_case("company"), "company");
    }
}
