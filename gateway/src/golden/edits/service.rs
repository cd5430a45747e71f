//! The use case of editing.

use std::collections::BTreeSet;

use domain::access::Permission;
use domain::fields::{Field, FieldKind, RecordKind, lead, opportunity};
use domain::ids::GoldenId;
use domain::leads::LeadStage;
use domain::sources::{SourceSystem, Values};
use mastering::survivorship::steps::NullPolicy;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

use super::refusal::EditRefusal;
use crate::error::{Error, NotFound, Result};
use crate::golden::facts::{self, Fact};
use crate::golden::loader::RecordRef;
use crate::golden::pins::subject::Subject;
use crate::golden::service::{Engine, Mastering, note_own, wait_for_turn};
use crate::golden::{erased, served};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::sync::outbound;
use crate::{accounts, contacts, leads, opportunities};

/// Values that fields are to have.
#[derive(Debug, Clone, Serialize)]
pub struct Edit {
    /// The record.
    pub record: GoldenId,
    /// What it is.
    pub kind: RecordKind,
    /// The version that the caller saw; unchecked when `None`.
    pub version: Option<i32>,
    /// The fields.
    pub values: Vec<FieldEdit>,
}

/// A value that a field is to have.
#[derive(Debug, Clone, Serialize)]
pub struct FieldEdit {
    /// Its name in the catalogue.
    pub field: String,
    /// The value; `None` is empty.
    pub value: Option<String>,
    /// The version of the field that the caller saw; unchecked when `None`.
    pub version: Option<i64>,
}

/// A record as far as an edit cares.
struct Target {
    record: RecordRef,
    version: i32,
    is_archived: bool,
    is_converted: bool,
}

/// Edits fields of a record that the caller sees. Gives the record, which may have another id by now.
pub async fn edit(ctx: &RequestContext, key: Option<&str>, edit: Edit) -> Result<RecordRef> {
    ctx.caller.require(Permission::EditCustomers)?;
    let once = Once::new(key, "editRecord", &edit)?;
    let values = values(&edit)?;
    let txn = ctx.begin().await?;
    wait_for_turn(&txn).await?;
    let target = Target::find(&txn, ctx, &edit).await?;
    if once.earlier::<GoldenId>(&txn, ctx).await?.is_some() {
        return Ok(target.record);
    }
    target.check(&edit)?;
    check_person(&txn, target.record, &values).await?;
    check_versions(&txn, ctx, target.record, &edit).await?;
    let engine = Mastering::of(ctx).engine(&txn).await?;
    let (noted, asked) = part(ctx, &engine, values)?;
    ask(&txn, ctx, &engine, target.record, asked).await?;
    if !noted.is_empty() {
        note_own(&txn, ctx, target.record, noted).await?;
    }
    if edit.kind == RecordKind::Lead {
        leads::life::act(&txn, ctx, target.record.id).await?;
    }
    let fields: Vec<&str> = edit.values.iter().map(|it| it.field.as_str()).collect();
    let detail = json!({ "fields": fields });
    let (target_kind, target_id) = (<&str>::from(edit.kind), target.record.id.into());
    audit::record(&txn, ctx, AuditEvent { action: "golden.edit", target_kind, target_id, detail }).await?;
    once.remember(&txn, ctx, target.record.id).await?;
    txn.commit().await?;
    Ok(target.record)
}

/// The fields and their values, each once and of its kind.
fn values(edit: &Edit) -> Result<Vec<(Field, Option<String>)>> {
    if edit.values.is_empty() {
        return Err(EditRefusal::NothingToEdit.into());
    }
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for FieldEdit { field, value, .. } in &edit.values {
        let field = edit.kind.field(field).map_err(Error::internal)?;
        if !seen.insert(field) {
            return Err(EditRefusal::FieldNamedTwice(field).into());
        }
        let value = field.canonical(value.as_deref().unwrap_or_default())?;
        check_editable(field)?;
        values.push((field, value));
    }
    Ok(values)
}

/// What happens to a deal at the CRM is the CRM's to say, and a lead's stage follows from what is done with it.
fn check_editable(field: Field) -> Result<()> {
    let follows =
        [opportunity::is_closed, opportunity::is_won, opportunity::owner, lead::origin, lead::stage];
    let is_id = matches!(field.kind(), FieldKind::Reference(_) | FieldKind::Partner | FieldKind::PartnerUser);
    match is_id || follows.contains(&field) {
        true => Err(EditRefusal::FieldNotEditable(field).into()),
        false => Ok(()),
    }
}

/// Of a person that was erased nothing is noted again.
async fn check_person(
    txn: &impl ConnectionTrait,
    record: RecordRef,
    values: &[(Field, Option<String>)],
) -> Result<()> {
    let Some(&(field, _)) = values.iter().find(|(field, _)| field.is_personal()) else { return Ok(()) };
    match erased::is_erased(txn, record.id).await? {
        true => Err(EditRefusal::PersonErased(field).into()),
        false => Ok(()),
    }
}

/// Checks that the fields are still as the caller saw them, where it said so.
async fn check_versions(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    record: RecordRef,
    edit: &Edit,
) -> Result<()> {
    if edit.values.iter().all(|it| it.version.is_none()) {
        return Ok(());
    }
    let subject = Subject::load(txn, record).await?;
    for it in &edit.values {
        let field = edit.kind.field(&it.field).map_err(Error::internal)?;
        subject.check_version(field, it.version, &ctx.caller)?;
    }
    Ok(())
}

impl Target {
    async fn find(txn: &DatabaseTransaction, ctx: &RequestContext, edit: &Edit) -> Result<Self> {
        let (caller, id) = (&ctx.caller, edit.record);
        let converted = LeadStage::Converted.code();
        let found = match edit.kind {
            RecordKind::Lead => served::find(txn, leads::access::visible_to(caller), id).await?.map(|it| {
                let is_converted = it.stage.as_deref() == Some(converted);
                (it.id, it.version, it.archived_at.is_some(), is_converted)
            }),
            RecordKind::Account if caller.is_staff() => {
                let found = served::find(txn, accounts::access::visible_to(caller), id).await?;
                found.map(|it| (it.id, it.version, it.archived_at.is_some(), false))
            }
            RecordKind::Contact if caller.is_staff() => {
                let found = served::find(txn, contacts::access::visible_to(caller), id).await?;
                found.map(|it| (it.id, it.version, it.archived_at.is_some(), false))
            }
            RecordKind::Opportunity => {
                let found = served::find(txn, opportunities::access::visible_to(caller), id).await?;
                found.map(|it| (it.id, it.version, it.archived_at.is_some(), false))
            }
            // Partners work leads and opportunities; customers' own data is not theirs to change.
            RecordKind::Account | RecordKind::Contact => None,
        };
        let (id, version, is_archived, is_converted) = found.ok_or(NotFound("record"))?;
        Ok(Self { record: RecordRef { kind: edit.kind, id }, version, is_archived, is_converted })
    }

    fn check(&self, edit: &Edit) -> Result<()> {
        if edit.version.is_some_and(|it| it != self.version) {
            return Err(EditRefusal::VersionConflict { current: self.version }.into());
        }
        if self.is_archived {
            return Err(EditRefusal::RecordArchived.into());
        }
        if self.is_converted {
            return Err(EditRefusal::LeadConverted.into());
        }
        Ok(())
    }
}

/// Values to be noted as ours, and values that another system is to have before they are served.
type Parted = (Values, Vec<(SourceSystem, Field, Option<String>)>);

fn part(ctx: &RequestContext, engine: &Engine, values: Vec<(Field, Option<String>)>) -> Result<Parted> {
    let (mut noted, mut asked) = (Values::new(), Vec::new());
    for (field, value) in values {
        let rule = engine.policies.precedence.rule(field);
        if value.is_none() && rule.null == NullPolicy::Never {
            return Err(EditRefusal::FieldNeverEmpty(field).into());
        }
        match rule.master.clone().filter(|it| *it != SourceSystem::own()) {
            None => noted.put(field, value),
            Some(system) if rule.write_to.contains(&system) => asked.push((system, field, value)),
            Some(system) => return Err(mastered_elsewhere(ctx, field, system)),
        }
    }
    Ok((noted, asked))
}

/// Which system decides is for staff to know.
fn mastered_elsewhere(ctx: &RequestContext, field: Field, system: SourceSystem) -> Error {
    match ctx.caller.is_staff() {
        true => EditRefusal::FieldMasteredElsewhere { field, system }.into(),
        false => EditRefusal::FieldNotEditable(field).into(),
    }
}

/// Asks the systems that decide. They are asked of every record they have of it, for they disagree with themselves else.
async fn ask(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    engine: &Engine,
    record: RecordRef,
    asked: Vec<(SourceSystem, Field, Option<String>)>,
) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let members: Vec<_> = facts::members(txn, &[record.id]).await?.into_iter().map(|it| it.1).collect();
    let members = facts::by_ids(txn, &members).await?;
    for (system, field, _) in &asked {
        if !members.iter().any(|it| it.is_live() && it.row.system == *system) {
            return Err(mastered_elsewhere(ctx, *field, system.clone()));
        }
    }
    for member in members.iter().filter(|it: &&Fact| it.is_live()) {
        let of_system = asked.iter().filter(|it| it.0 == member.row.system);
        let said = |field| member.states.get(field).and_then(|it| it.value.as_deref().map(str::to_owned));
        let values: Vec<_> =
            of_system.map(|(_, field, value)| (*field, value.clone(), said(*field))).collect();
        if !values.is_empty() {
            let (target, base) = (&*member.key, member.row.stamp);
            let request = outbound::service::Request { target, base, record, values };
            outbound::service::request(txn, ctx, engine, request).await?;
        }
    }
    Ok(())
}
