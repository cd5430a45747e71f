//! Moving a lead on in its life: where it stands and who works it is what our own system says of it.
//!
//! Here: for the features that decide about leads, in their transactions, which have their turn. Not here: what may happen to
//! a lead (`domain::leads`), to whom it is offered (`distribution`).

use std::collections::BTreeMap;

use domain::fields::{RecordKind, lead};
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::leads::{LeadEvent, LeadStage};
use domain::sources::Values;
use entity::leads::golden_lead::{Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::service::AssignmentRefusal;
use crate::error::{NotFound, Result};
use crate::golden;
use crate::golden::loader::RecordRef;
use crate::golden::served;
use crate::platform::context::RequestContext;
use crate::platform::database::lists;

/// Who works a lead after something has happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    /// Whoever did before.
    Same,
    /// A partner, and one of its people if that is known.
    Of(PartnerId, Option<PartnerUserId>),
    /// Nobody.
    Nobodys,
}

/// The lead that an id leads to today, whoever asks.
pub async fn today(db: &impl ConnectionTrait, id: GoldenId) -> Result<Model> {
    Ok(served::find(db, Entity::find().filter(Column::RedirectTo.is_null()), id)
        .await?
        .ok_or(NotFound("lead"))?)
}

/// Every id that leads to one of these leads today, by that lead: its own, and those of leads that were merged into it.
pub async fn ids_of(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
) -> Result<BTreeMap<GoldenId, Vec<GoldenId>>> {
    let mut ids: BTreeMap<GoldenId, Vec<GoldenId>> = leads.iter().map(|it| (*it, vec![*it])).collect();
    for list in lists(db, leads) {
        let merged = Entity::find().select_only().columns([Column::RedirectTo, Column::Id]);
        let merged = merged.filter(list.holds(Column::RedirectTo)).into_tuple();
        for (survivor, id) in merged.all(db).await? {
            ids.entry(survivor).or_default().push(id);
        }
    }
    Ok(ids)
}

/// The leads that a partner works in one of these stages, at most so many.
pub async fn worked_by(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    stages: &[LeadStage],
    limit: u64,
) -> Result<Vec<Model>> {
    let of = Entity::find().filter(Column::AssignedPartnerId.eq(partner));
    let of = of.filter(Column::Stage.is_in(stages.iter().map(|it| it.code())));
    let of = of.filter(Column::RedirectTo.is_null()).filter(Column::ArchivedAt.is_null());
    Ok(of.limit(limit).all(db).await?)
}

/// How many open leads each partner works.
pub async fn open_leads(db: &impl ConnectionTrait) -> Result<BTreeMap<PartnerId, u32>> {
    let closed = LeadStage::ALL.iter().filter(|it| it.is_closed()).map(|it| it.code());
    let is_open = Condition::any().add(Column::Stage.is_null()).add(Column::Stage.is_not_in(closed));
    let counts = Entity::find()
        .select_only()
        .column(Column::AssignedPartnerId)
        .column_as(Column::Id.count(), "leads")
        .filter(Column::AssignedPartnerId.is_not_null())
        .filter(Column::RedirectTo.is_null())
        .filter(Column::ArchivedAt.is_null())
        .filter(is_open)
        .group_by(Column::AssignedPartnerId)
        .into_tuple::<(PartnerId, i64)>();
    let counts = counts.all(db).await?.into_iter();
    Ok(counts.map(|(partner, count)| (partner, u32::try_from(count).unwrap_or(u32::MAX))).collect())
}

/// Where a lead stands. One of which nobody has said so is new, and one that the CRM has converted is converted whatever we
/// said before.
pub fn stage(lead: &Model) -> LeadStage {
    let is_converted = lead.converted_account_ref.is_some() || lead.converted_opportunity_ref.is_some();
    match lead.stage.as_deref().and_then(|it| it.parse().ok()) {
        _ if is_converted => LeadStage::Converted,
        Some(stage) => stage,
        None => LeadStage::New,
    }
}

/// Notes what happens to a lead: where it stands then, and who works it. Its provenance, history and write-back follow.
pub async fn happen(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    lead: &Model,
    what: (LeadEvent, Hands),
) -> Result<()> {
    happen_with(txn, ctx, lead, what, Values::default()).await
}

/// The same, with something else that is said of the lead on the occasion.
pub(super) async fn happen_with(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    lead: &Model,
    (event, hands): (LeadEvent, Hands),
    mut values: Values,
) -> Result<()> {
    if lead.archived_at.is_some() {
        return Err(AssignmentRefusal::LeadArchived.into());
    }
    let after = stage(lead).after(event)?;
    values.put(lead::stage, Some(after.code().to_owned()));
    let worker = match hands {
        Hands::Same => None,
        Hands::Of(partner, user) => Some((Some(partner.to_string()), user.map(|it| it.to_string()))),
        Hands::Nobodys => Some((None, None)),
    };
    if let Some((partner, user)) = worker {
        values.put(lead::assigned_partner, partner);
        values.put(lead::assigned_user, user);
    }
    let record = RecordRef { kind: RecordKind::Lead, id: lead.id };
    golden::service::note_own(txn, ctx, record, values).await
}

/// Notes that the caller has done something about a lead: a partner that accepted it works it from now on.
pub async fn act(txn: &impl ConnectionTrait, ctx: &RequestContext, id: GoldenId) -> Result<()> {
    let lead = today(txn, id).await?;
    let is_own = !ctx.caller.is_staff() && ctx.caller.partner == lead.assigned_partner_id;
    match is_own && stage(&lead) == LeadStage::Accepted {
        true => happen(txn, ctx, &lead, (LeadEvent::Act, Hands::Same)).await,
        false => Ok(()),
    }
}
