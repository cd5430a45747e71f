//! Offers in SQL. What a person asks for starts from what the caller sees; rules and jobs see everything.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::distribution::OfferOutcome;
use domain::ids::{GoldenId, LeadOfferId, PartnerId};
use domain::leads::LeadStage;
use entity::distribution::lead_offer::{Column, Entity, Model};
use entity::distribution::{lead_arrival, lead_recall, offer_ranking};
use entity::leads::golden_lead;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::access;
use crate::platform::auth::Caller;
use crate::platform::database::{among, insert_rows, lists};

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: LeadOfferId,
) -> Result<Option<Model>, DbErr> {
    access::visible_to(caller).filter(Column::Id.eq(id)).one(db).await
}

/// The offer, whoever asks.
pub(super) async fn find_any(db: &impl ConnectionTrait, id: LeadOfferId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

pub(super) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
    ranking: offer_ranking::Model,
) -> Result<Model, DbErr> {
    let row = row.into_active_model().insert(db).await?;
    ranking.into_active_model().insert(db).await?;
    Ok(row)
}

pub(super) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// All offers of a lead under any of its ids, oldest first.
pub(super) async fn of_lead(db: &impl ConnectionTrait, ids: &[GoldenId]) -> Result<Vec<Model>, DbErr> {
    let of = Entity::find().filter(among(db, Column::LeadId, ids.iter().copied()));
    of.order_by_asc(Column::Id).all(db).await
}

/// How many offers wait for each partner's answer.
pub(super) async fn open_by_partner(db: &impl ConnectionTrait) -> Result<BTreeMap<PartnerId, u32>, DbErr> {
    let counts = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .column_as(Column::Id.count(), "offers")
        .filter(Column::EndedAt.is_null())
        .group_by(Column::PartnerId)
        .into_tuple::<(PartnerId, i64)>();
    let counts = counts.all(db).await?.into_iter();
    Ok(counts.map(|(partner, count)| (partner, u32::try_from(count).unwrap_or(u32::MAX))).collect())
}

/// When each partner was last offered any lead.
pub(super) async fn last_by_partner(
    db: &impl ConnectionTrait,
) -> Result<BTreeMap<PartnerId, DateTime<Utc>>, DbErr> {
    let last = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .column_as(Column::OfferedAt.max(), "last")
        .group_by(Column::PartnerId)
        .into_tuple::<(PartnerId, DateTime<Utc>)>();
    Ok(last.all(db).await?.into_iter().collect())
}

/// Offers to which time has done something, at most so many.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<LeadOfferId>, DbErr> {
    let due = Entity::find().select_only().column(Column::Id).filter(Column::DueAt.lt(now));
    due.order_by_asc(Column::DueAt).limit(limit).into_tuple().all(db).await
}

/// Open offers that something else may have settled, at most so many: their lead stands elsewhere or is another one now, or
/// their partner was stopped.
pub(super) async fn maybe_moot(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<LeadOfferId>, DbErr> {
    use golden_lead::Column as Of;
    let stands_elsewhere = Condition::any()
        .add(Of::Stage.ne(LeadStage::Offered.code()))
        .add(Of::AssignedPartnerId.is_not_null())
        .add(Of::RedirectTo.is_not_null())
        .add(Of::ArchivedAt.is_not_null())
        .add(Of::ConvertedAccountRef.is_not_null())
        .add(Of::ConvertedOpportunityRef.is_not_null());
    let leads = Query::select()
        .column(Of::Id)
        .from(golden_lead::Entity)
        .and_where(Expr::col((golden_lead::Entity, Of::Id)).equals((Entity, Column::LeadId)))
        .cond_where(stands_elsewhere)
        .take();
    let stopped = Query::select().column(lead_recall::Column::PartnerId).from(lead_recall::Entity).take();
    let moot = Condition::any().add(Expr::exists(leads)).add(Column::PartnerId.in_subquery(stopped));
    let open = Entity::find().select_only().column(Column::Id).filter(Column::EndedAt.is_null());
    open.filter(moot).order_by_asc(Column::Id).limit(limit).into_tuple().all(db).await
}

/// Notes that an accepted lead was taken back from its partner.
pub(super) async fn note_recalled(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
    (now, reason): (DateTime<Utc>, Option<&str>),
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RecalledAt, Expr::value(now))
        .col_expr(Column::RecallReason, Expr::value(reason.map(str::to_owned)))
        .col_expr(Column::DueAt, Expr::value(None::<DateTime<Utc>>))
        .filter(among(db, Column::LeadId, leads.iter().copied()))
        .filter(Column::Outcome.eq(OfferOutcome::Accepted))
        .filter(Column::RecalledAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Notes that a partner's offers are to be closed, and its leads to be taken back.
pub(super) async fn note_stopped(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    noted_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let again = OnConflict::column(lead_recall::Column::PartnerId)
        .update_column(lead_recall::Column::NotedAt)
        .to_owned();
    let row = lead_recall::Model { partner_id, noted_at }.into_active_model();
    lead_recall::Entity::insert(row).on_conflict(again).exec_without_returning(db).await.map(drop)
}

/// Partners that were stopped and still have something.
pub(super) async fn stopped(db: &impl ConnectionTrait) -> Result<Vec<lead_recall::Model>, DbErr> {
    lead_recall::Entity::find().order_by_asc(lead_recall::Column::NotedAt).all(db).await
}

/// Forgets that a partner was stopped, unless it was again.
pub(super) async fn forget_stopped(
    db: &impl ConnectionTrait,
    seen: &lead_recall::Model,
) -> Result<(), DbErr> {
    use lead_recall::{Column, Entity};
    let seen = Entity::delete_many()
        .filter(Column::PartnerId.eq(seen.partner_id))
        .filter(Column::NotedAt.eq(seen.noted_at));
    seen.exec(db).await.map(drop)
}

/// Notes leads that are to be looked at, because they have come or changed.
pub(super) async fn note_arrivals(
    db: &impl ConnectionTrait,
    leads: impl IntoIterator<Item = GoldenId>,
    noted_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use lead_arrival::{Column, Entity, Model};
    let known = OnConflict::column(Column::LeadId).do_nothing().to_owned();
    let rows = leads.into_iter().map(|lead_id| Model { lead_id, noted_at }.into_active_model());
    insert_rows::<Entity, _>(db, rows.collect(), Some(known)).await
}

/// Those of these leads that a partner accepted and holds.
pub(super) async fn held_among(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
) -> Result<Vec<GoldenId>, DbErr> {
    let mut held = Vec::new();
    for list in lists(db, leads) {
        let some = Entity::find().select_only().column(Column::LeadId).distinct();
        let some = some.filter(list.holds(Column::LeadId)).filter(Column::RecalledAt.is_null());
        held.extend(
            some.filter(Column::Outcome.eq(OfferOutcome::Accepted)).into_tuple::<GoldenId>().all(db).await?,
        );
    }
    Ok(held)
}

/// Leads that are to be looked at, at most so many, those that wait longest first.
pub(super) async fn arrivals(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<GoldenId>, DbErr> {
    use lead_arrival::{Column, Entity};
    let all = Entity::find().select_only().column(Column::LeadId).order_by_asc(Column::NotedAt);
    all.order_by_asc(Column::LeadId).limit(limit).into_tuple().all(db).await
}

/// Forgets that a lead is to be looked at; false when somebody else did.
pub(super) async fn take_arrival(db: &impl ConnectionTrait, lead: GoldenId) -> Result<bool, DbErr> {
    Ok(lead_arrival::Entity::delete_by_id(lead).exec(db).await?.rows_affected == 1)
}

/// The rankings of some offers behind one, in the order of ids.
pub(super) async fn rankings_after(
    db: &impl ConnectionTrait,
    after: Option<LeadOfferId>,
    limit: u64,
) -> Result<Vec<offer_ranking::Model>, DbErr> {
    use offer_ranking::{Column, Entity};
    let behind = Condition::all().add_option(after.map(|it| Column::OfferId.gt(it)));
    Entity::find().filter(behind).order_by_asc(Column::OfferId).limit(limit).all(db).await
}
