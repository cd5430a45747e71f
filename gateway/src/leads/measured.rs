//! Leads as KPIs count them: which became deals, and when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{RecordKind, lead};
use domain::ids::GoldenId;
use domain::leads::LeadStage;
use entity::leads::golden_lead::{Column, Entity, Model};
use futures::future::try_join_all;
use mastering::golden_record::GoldenRecord;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};

use super::life;
use crate::error::Result;
use crate::golden::loader::{RecordRef, SettlementsOf};
use crate::platform::context::RequestContext;
use crate::platform::database::lists;

/// When each of these leads became a deal, by the ids given: also where it lost a merge since. Others are left out.
pub async fn conversions(
    ctx: &RequestContext,
    leads: &[GoldenId],
) -> Result<BTreeMap<GoldenId, DateTime<Utc>>> {
    let rows = rows(ctx.read(), Column::Id, leads).await?;
    let today: BTreeMap<GoldenId, GoldenId> =
        rows.iter().map(|it| (it.id, it.redirect_to.unwrap_or(it.id))).collect();
    let survivors: Vec<GoldenId> = today.values().copied().collect();
    let survivors = self::rows(ctx.read(), Column::Id, &survivors).await?;
    let converted: Vec<GoldenId> =
        survivors.iter().filter(|it| life::stage(it) == LeadStage::Converted).map(|it| it.id).collect();
    let batch = ctx.batch::<SettlementsOf>();
    let settled = try_join_all(converted.iter().map(|id| {
        let (batch, record) = (batch.clone(), RecordRef { kind: RecordKind::Lead, id: *id });
        async move { batch.get(ctx, record).await }
    }));
    let since = converted.iter().zip(settled.await?);
    let since: BTreeMap<_, _> =
        since.filter_map(|(id, golden)| Some((*id, converted_at(&*golden?)?))).collect();
    Ok(today.into_iter().filter_map(|(id, survivor)| Some((id, *since.get(&survivor)?))).collect())
}

/// The leads that became one of these opportunities, with it.
pub async fn behind(
    db: &impl ConnectionTrait,
    opportunities: &[GoldenId],
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    let rows = rows(db, Column::OpportunityId, opportunities).await?;
    let became: BTreeMap<_, _> =
        rows.into_iter().filter_map(|it| Some((it.id, it.opportunity_id?))).collect();
    let leads: Vec<GoldenId> = became.keys().copied().collect();
    let ids = life::ids_of(db, &leads).await?;
    let all = ids.iter().flat_map(|(lead, ids)| ids.iter().map(|it| (*it, became[lead])));
    Ok(all.collect())
}

/// By whichever says so first: its stage, or what it was converted into.
fn converted_at(golden: &GoldenRecord) -> Option<DateTime<Utc>> {
    let is_converted = |it: &str| it == LeadStage::Converted.code();
    let stage = golden.settlement(lead::stage).filter(|it| it.value.as_deref().is_some_and(is_converted));
    let into = [lead::converted_account, lead::converted_opportunity].map(|it| golden.settlement(it));
    let into = into.into_iter().flatten().filter(|it| it.value.is_some());
    stage.into_iter().chain(into).map(|it| it.origin.changed_at).min()
}

async fn rows(db: &impl ConnectionTrait, column: Column, ids: &[GoldenId]) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for list in lists(db, ids) {
        rows.extend(Entity::find().filter(list.holds(column)).all(db).await?);
    }
    Ok(rows)
}
