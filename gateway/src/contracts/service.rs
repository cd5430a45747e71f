//! Use cases of contracts: from the first draft to the end.

use std::ops::ControlFlow::{self, Break, Continue};

use chrono::{Days, NaiveDate};
use domain::access::Permission;
use domain::calendar::date_in_tokyo;
use domain::conflicts::ConflictTrigger;
use domain::contracts::{ContractStatus, ContractVersions, NoticeTerms};
use domain::ids::ContractId;
use domain::lifecycle::ContractWindows;
use domain::partners::PartnerStatus;
use domain::review::Reason;
use domain::text::Passage;
use entity::contracts::contract::{Column, Model};
use entity::contracts::contract_version;
use sea_orm::sea_query::Condition;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel};
use serde_json::json;

use super::agreement::{Agreement, ContractDetails, VersionKey, facts, term};
use super::refusal::ContractRefusal;
use super::{dates, store};
use crate::error::{Error, NotFound, Result};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{conflicts, partners};

/// Which contract, as the caller saw it.
pub type Seen = (ContractId, i32);

/// The contract, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: ContractId) -> Result<Option<Model>> {
    Ok(store::find(ctx.read(), &ctx.caller, id).await?)
}

/// Enters a contract as a draft.
pub async fn create(ctx: &RequestContext, key: Option<&str>, details: ContractDetails) -> Result<Model> {
    ctx.caller.require(Permission::ManageContracts)?;
    let once = Once::new(key, "createContract", &details)?;
    let txn = ctx.begin().await?;
    if let Some(id) = once.earlier(&txn, ctx).await? {
        return Ok(store::find(&txn, &ctx.caller, id).await?.ok_or(NotFound("contract"))?);
    }
    let row = create_in(&txn, ctx, details).await?;
    once.remember(&txn, ctx, row.id).await?;
    txn.commit().await?;
    Ok(row)
}

/// As [`create`], in a transaction of the caller's.
pub async fn create_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    details: ContractDetails,
) -> Result<Model> {
    ctx.caller.require(Permission::ManageContracts)?;
    let partner = partners::service::find_in(txn, ctx, details.partner).await?.ok_or(NotFound("partner"))?;
    partners::guards::require_own_set(txn, ctx, partner.id).await?;
    if matches!(partner.status, PartnerStatus::Terminated | PartnerStatus::Declined) {
        return Err(ContractRefusal::ContractPartnerEnded { status: partner.status }.into());
    }
    let id = ctx.clock.new_id();
    let row = draft(txn, ctx, id, &details).await?;
    row.clone().into_active_model().insert(txn).await?;
    let key = VersionKey { contract: id, number: 1, effective_on: row.start_date };
    details.agreement.row(ctx, key, None).into_active_model().insert(txn).await?;
    note(txn, ctx, "contracts.create", &row).await?;
    Ok(row)
}

/// Enters a contract that was signed before it came here, in a transaction of the caller's.
pub async fn enter_signed_in(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    details: ContractDetails,
    signed_on: NaiveDate,
) -> Result<Model> {
    let signed_on = Some(happened(ctx, Some(signed_on))?);
    let draft = create_in(txn, ctx, details).await?;
    let signed = Model { status: ContractStatus::Signed, signed_on, ..draft };
    signed.clone().into_active_model().reset_all().update(txn).await?;
    note(txn, ctx, "contracts.sign", &signed).await?;
    dates::follow(txn, ctx, signed).await
}

/// The first contract under a number, with what it said at the beginning.
pub async fn first_under(txn: &impl ConnectionTrait, number: &str) -> Result<Option<(Model, Agreement)>> {
    let Some(row) = store::first_under(txn, number).await? else { return Ok(None) };
    Ok(with_first_terms(txn, vec![row]).await?.pop())
}

/// The contracts that the caller sees, without renewals, each with what it said at the beginning.
pub async fn all_first(db: &impl ConnectionTrait, ctx: &RequestContext) -> Result<Vec<(Model, Agreement)>> {
    ctx.caller.require(Permission::ReadContracts)?;
    with_first_terms(db, store::all_first(db, &ctx.caller).await?).await
}

async fn with_first_terms(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<(Model, Agreement)>> {
    let versions = store::versions(db, &rows.iter().map(|it| it.id).collect::<Vec<_>>()).await?;
    let first = |row: &Model| versions.get(&row.id).and_then(|it| it.first());
    let agreement = |row: &Model| Agreement::of(first(row).ok_or(NotFound("version"))?);
    rows.into_iter().map(|row| agreement(&row).map(|it| (row, it))).collect()
}

/// Rewrites a draft.
pub async fn update(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    rewrite: impl FnOnce(&Model, Agreement) -> Result<ContractDetails>,
    request: &impl serde::Serialize,
) -> Result<Model> {
    let once = Once::new(key, "updateContract", request)?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    let (txn, before) = (&change.txn, &change.before);
    if before.status != ContractStatus::Draft {
        return Err(ContractRefusal::ContractNotDraft { status: before.status }.into());
    }
    let [first] = &change.versions[..] else { unreachable!("a draft has one version") };
    let details = rewrite(before, Agreement::of(first)?)?;
    let fresh = draft(txn, ctx, before.id, &details).await?;
    let after = Model {
        contract_type: fresh.contract_type,
        number: fresh.number,
        start_date: fresh.start_date,
        end_date: fresh.end_date,
        notice_deadline: fresh.notice_deadline,
        ..before.clone()
    };
    let key = VersionKey { contract: before.id, number: 1, effective_on: after.start_date };
    let version = contract_version::Model { id: first.id, ..details.agreement.row(ctx, key, None) };
    version.into_active_model().reset_all().update(txn).await?;
    change.finish(ctx, "contracts.update", after).await
}

/// Moves a contract on to legal review or to the partner, or back to its draft.
pub async fn move_to(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    to: ContractStatus,
) -> Result<Model> {
    let once = Once::new(key, "moveContract", &(seen, to))?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    if to.was_signed() {
        return Err(ContractRefusal::ContractStepElsewhere.into());
    }
    change.before.status.check_step(to)?;
    let after = Model { status: to, ..change.before.clone() };
    change.finish(ctx, "contracts.move", after).await
}

/// Notes that both sides have signed. From its first date on, the contract is in force.
pub async fn sign(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    signed_on: Option<NaiveDate>,
) -> Result<Model> {
    let once = Once::new(key, "signContract", &(seen, signed_on))?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    change.before.status.check_step(ContractStatus::Signed)?;
    let signed_on = Some(happened(ctx, signed_on)?);
    let after = Model { status: ContractStatus::Signed, signed_on, ..change.before.clone() };
    change.finish(ctx, "contracts.sign", after).await
}

/// Adds a version with its own effective date.
pub async fn amend(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    (effective_on, summary): (NaiveDate, Option<Passage>),
    agreement: Agreement,
) -> Result<Model> {
    let once = Once::new(key, "amendContract", &(seen, effective_on, &summary, &agreement))?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    let before = change.signed()?;
    let versions = facts(before, &change.versions)?.versions;
    let versions = versions.amend(effective_on, agreement.terms.clone())?;
    let number = i32::try_from(change.versions.len()).unwrap_or(i32::MAX).saturating_add(1);
    let key = VersionKey { contract: before.id, number, effective_on };
    let row = agreement.row(ctx, key, summary.map(String::from));
    row.into_active_model().insert(&change.txn).await?;
    let after = Model { notice_deadline: notice_deadline(&versions), ..before.clone() };
    note_claims(&change.txn, ctx, &after).await?;
    change.finish(ctx, "contracts.amend", after).await
}

/// Notes that one side has given notice. After the deadline it does not keep the contract from renewing this time.
pub async fn give_notice(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    given_on: Option<NaiveDate>,
) -> Result<Model> {
    let once = Once::new(key, "giveContractNotice", &(seen, given_on))?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    let before = change.signed()?;
    if before.notice_given_on.is_some() {
        return Err(ContractRefusal::NoticeGiven.into());
    }
    let after = Model { notice_given_on: Some(happened(ctx, given_on)?), ..before.clone() };
    change.finish(ctx, "contracts.notice", after).await
}

/// Ends a contract early, on the first date on which it does not bind any more.
pub async fn terminate(
    ctx: &RequestContext,
    key: Option<&str>,
    seen: Seen,
    (on, reason): (NaiveDate, Reason),
) -> Result<Model> {
    let once = Once::new(key, "terminateContract", &(seen, on, &reason))?;
    let change = match Change::begin(ctx, once, seen).await? {
        Break(done) => return Ok(done),
        Continue(change) => change,
    };
    let before = change.signed()?;
    if on < date_in_tokyo(ctx.now) || on > before.end_date {
        return Err(ContractRefusal::TerminationImpossible.into());
    }
    let termination_reason = Some(reason.as_str().to_owned());
    let after = Model { terminated_on: Some(on), termination_reason, ..before.clone() };
    change.finish(ctx, "contracts.terminate", after).await
}

/// A contract that is about to be changed: locked, and the caller may.
struct Change<'a> {
    once: Once<'a>,
    txn: DatabaseTransaction,
    before: Model,
    versions: Vec<contract_version::Model>,
}

impl<'a> Change<'a> {
    /// Breaks with the contract as it is when the same request has been done before.
    async fn begin(
        ctx: &RequestContext,
        once: Once<'a>,
        (id, version): Seen,
    ) -> Result<ControlFlow<Model, Self>> {
        ctx.caller.require(Permission::ManageContracts)?;
        let txn = ctx.begin().await?;
        let before = store::lock(&txn, &ctx.caller, id).await?.ok_or(NotFound("contract"))?;
        if once.earlier::<ContractId>(&txn, ctx).await?.is_some() {
            return Ok(Break(before));
        }
        partners::guards::require_own_set(&txn, ctx, before.partner_id).await?;
        partners::guards::check_version(before.version, version)?;
        let versions = store::versions(&txn, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(Continue(Self { once, txn, before, versions }))
    }

    /// The contract, if it is signed and has not ended.
    fn signed(&self) -> Result<&Model> {
        match self.before.status.is_signed() {
            true => Ok(&self.before),
            false => Err(ContractRefusal::ContractNotSigned { status: self.before.status }.into()),
        }
    }

    /// Saves the contract, follows its dates, and commits.
    async fn finish(self, ctx: &RequestContext, action: &'static str, after: Model) -> Result<Model> {
        let after = Model { version: self.before.version + 1, updated_at: ctx.now, ..after };
        after.clone().into_active_model().reset_all().update(&self.txn).await?;
        note(&self.txn, ctx, action, &after).await?;
        let after = dates::follow(&self.txn, ctx, after).await?;
        self.once.remember(&self.txn, ctx, after.id).await?;
        self.txn.commit().await?;
        Ok(after)
    }
}

/// A new draft, checked.
async fn draft(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: ContractId,
    details: &ContractDetails,
) -> Result<Model> {
    let versions = ContractVersions::new(details.term, details.agreement.terms.clone())?;
    let number = String::from(details.number.clone());
    if store::first_under(txn, &number).await?.is_some_and(|it| it.id != id) {
        return Err(ContractRefusal::ContractExists.into());
    }
    Ok(Model {
        id,
        version: 1,
        partner_id: details.partner,
        contract_type: details.contract_type,
        number,
        renewal: 0,
        status: ContractStatus::Draft,
        start_date: details.term.first(),
        end_date: details.term.last(),
        notice_deadline: notice_deadline(&versions),
        signed_on: None,
        notice_given_on: None,
        terminated_on: None,
        termination_reason: None,
        predecessor_id: None,
        created_at: ctx.now,
        created_by: ctx.caller.subject.clone(),
        updated_at: ctx.now,
    })
}

/// Contracts in force whose notice deadline is near, on a date.
pub(super) fn expiring(today: NaiveDate, windows: &ContractWindows) -> Condition {
    let near = today + Days::new(windows.expiring_days.into());
    Condition::all()
        .add(Column::Status.eq(ContractStatus::InForce))
        .add(Column::NoticeDeadline.between(today, near))
}

/// Whether a contract is one of these.
pub(super) fn is_expiring(row: &Model, today: NaiveDate, windows: &ContractWindows) -> Result<bool> {
    let (term, days) = (term(row)?, (row.end_date - row.notice_deadline).num_days());
    let notice_days = u32::try_from(days).map_err(Error::internal)?;
    let notice = NoticeTerms { notice_days, auto_renew: false, renewal_term_months: 0 };
    let is_near = term.is_expiring(&notice, windows, today);
    Ok(row.status == ContractStatus::InForce && is_near)
}

/// The last date for a notice, by what holds at the end.
pub(super) fn notice_deadline(versions: &ContractVersions) -> NaiveDate {
    versions.term().notice_deadline(&versions.at_end().notice)
}

/// The date of something that has happened; today when it was not said.
fn happened(ctx: &RequestContext, date: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = date_in_tokyo(ctx.now);
    match date.unwrap_or(today) {
        date if date > today => Err(ContractRefusal::ContractDateAhead.into()),
        date => Ok(date),
    }
}

pub(super) async fn note(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    action: &'static str,
    row: &Model,
) -> Result<()> {
    let detail = json!({
        "partner": row.partner_id, "type": row.contract_type, "status": row.status,
        "start": row.start_date, "end": row.end_date, "terminated": row.terminated_on,
    });
    let event = AuditEvent { action, target_kind: "Contract", target_id: row.id.into(), detail };
    audit::record(txn, ctx, event).await
}

/// Has the partner's claims judged again: other terms hold, or the contract stands elsewhere.
pub(super) async fn note_claims(txn: &impl ConnectionTrait, ctx: &RequestContext, row: &Model) -> Result<()> {
    let occasion = (ConflictTrigger::ContractChanged, ctx.now);
    conflicts::service::note_partners(txn, &ctx.clock, Some(&[row.partner_id]), occasion).await
}
