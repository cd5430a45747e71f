//! Use cases of history: why a field has its value, and every change of it.

use std::sync::Arc;

use domain::access::Permission;
use domain::fields::{Field, RecordKind};
use domain::ids::GoldenId;
use domain::text::Language;
use mastering::golden_record::GoldenRecord;
use mastering::history::AsOf;
use mastering::history::timeline::{Change, timeline};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use super::{life, loader};
use crate::error::{NotFound, Result};
use crate::golden::loader::{RecordRef, SettlementsOf};
use crate::golden::served::{Served, for_kind};
use crate::platform::context::RequestContext;
use crate::policies::Policies;

/// A golden record with the reasons of its values.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The record that the id stands for.
    pub id: GoldenId,
    /// Its settlements.
    pub golden: Arc<GoldenRecord>,
}

/// Why a record has its values: now, or as of another time.
pub async fn explain(ctx: &RequestContext, record: RecordRef, as_of: Option<AsOf>) -> Result<Explained> {
    ctx.caller.require(Permission::ReadHistory)?;
    for_kind!(record.kind, explain_one(ctx, record.id, as_of))
}

/// Every change of the served values of these fields of a record, or of all, newest first. What happened before a merge
/// to records that lost it is in their own past.
pub async fn changes(
    ctx: &RequestContext,
    record: RecordRef,
    fields: Option<&[Field]>,
) -> Result<Option<Vec<Change>>> {
    ctx.caller.require(Permission::ReadHistory)?;
    let Some(id) = for_kind!(record.kind, shown(ctx, record.id))? else { return Ok(None) };
    let policies = ctx.shared::<Policies>();
    let life = life::read(ctx.read(), &policies, (record.kind, id), ctx.now).await?;
    let changes = tokio::task::block_in_place(|| timeline(record.kind, &life));
    let wanted = |it: &Change| fields.is_none_or(|fields| fields.contains(&it.field));
    Ok(Some(changes.into_iter().rev().filter(wanted).collect()))
}

/// The record that an id stands for today, if the caller sees it.
async fn shown<E: Served>(ctx: &RequestContext, id: GoldenId) -> Result<Option<GoldenId>> {
    let row = E::find().select_only().columns([E::ID, E::REDIRECT_TO]).filter(E::ID.eq(id));
    let row = row.into_tuple::<(GoldenId, Option<GoldenId>)>().one(ctx.read()).await?;
    let Some(today) = row.map(|(id, survivor)| survivor.unwrap_or(id)) else { return Ok(None) };
    let visible = E::visible_to(&ctx.caller).filter(E::ID.eq(today)).select_only().column(E::ID);
    Ok(visible.into_tuple().one(ctx.read()).await?)
}

async fn explain_one<E>(ctx: &RequestContext, id: GoldenId, as_of: Option<AsOf>) -> Result<Explained>
where
    E: Served,
    E::Model: Clone + Sync,
{
    let missing = || NotFound(E::KIND.label(Language::En));
    let Some(as_of) = as_of else {
        let id = shown::<E>(ctx, id).await?.ok_or_else(missing)?;
        let found = ctx.batch::<SettlementsOf>().get(ctx, RecordRef { kind: E::KIND, id }).await?;
        return Ok(Explained { id, golden: found.ok_or_else(missing)? });
    };
    let past = loader::find::<E>(ctx, as_of, id).await?.ok_or_else(missing)?;
    Ok(Explained { id: past.id, golden: past.then.golden })
}
