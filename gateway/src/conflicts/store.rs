//! Conflicts in SQL.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::conflicts::{ClaimKind, ConflictTrigger};
use domain::ids::{ConflictId, GoldenId, PartnerId, RegistrationId, VerdictId};
use domain::partners::PartnerStatus;
use entity::conflicts::{
    channel_conflict, claim_check, conflict_check, conflict_party, conflict_verdict, installed_product,
};
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::partners::partner;
use sea_orm::sea_query::{Condition, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::platform::database::{among, insert_rows, lists};

/// The distributors of these partners.
pub(super) async fn parents(
    db: &impl ConnectionTrait,
    partners: &BTreeSet<PartnerId>,
) -> Result<BTreeMap<PartnerId, Option<PartnerId>>, DbErr> {
    let rows = partner::Entity::find().filter(among(db, partner::Column::Id, partners.iter().copied()));
    Ok(rows.all(db).await?.into_iter().map(|it| (it.id, it.parent_partner_id)).collect())
}

/// Where these partners stand.
pub(super) async fn statuses(
    db: &impl ConnectionTrait,
    partners: &BTreeSet<PartnerId>,
) -> Result<BTreeMap<PartnerId, PartnerStatus>, DbErr> {
    let rows = partner::Entity::find().filter(among(db, partner::Column::Id, partners.iter().copied()));
    Ok(rows.all(db).await?.into_iter().map(|it| (it.id, it.status)).collect())
}

/// Leads on these accounts that a partner was given.
pub(super) async fn assigned_leads(
    db: &impl ConnectionTrait,
    accounts: &BTreeSet<GoldenId>,
) -> Result<Vec<golden_lead::Model>, DbErr> {
    use golden_lead::{Column, Entity};
    Entity::find()
        .filter(among(db, Column::AccountId, accounts.iter().copied()))
        .filter(Column::AssignedPartnerId.is_not_null())
        .filter(Column::RedirectTo.is_null())
        .filter(Column::ArchivedAt.is_null())
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Open opportunities on these accounts that no partner brought, and that no partner's lead became.
pub(super) async fn direct_opportunities(
    db: &impl ConnectionTrait,
    accounts: &BTreeSet<GoldenId>,
) -> Result<Vec<golden_opportunity::Model>, DbErr> {
    use golden_opportunity::{Column, Entity};
    let of_partners = Query::select()
        .column(golden_lead::Column::OpportunityId)
        .from(golden_lead::Entity)
        .and_where(among(db, golden_lead::Column::AccountId, accounts.iter().copied()))
        .and_where(golden_lead::Column::AssignedPartnerId.is_not_null())
        .and_where(golden_lead::Column::OpportunityId.is_not_null())
        .take();
    Entity::find()
        .filter(among(db, Column::AccountId, accounts.iter().copied()))
        .filter(Column::SourcingPartnerId.is_null())
        .filter(Column::RedirectTo.is_null())
        .filter(Column::ArchivedAt.is_null())
        .filter(Condition::any().add(Column::IsClosed.is_null()).add(Column::IsClosed.eq(false)))
        .filter(Column::Id.not_in_subquery(of_partners))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Products that these accounts run.
pub(super) async fn installed_on(
    db: &impl ConnectionTrait,
    accounts: &BTreeSet<GoldenId>,
) -> Result<Vec<installed_product::Model>, DbErr> {
    let of = among(db, installed_product::Column::AccountId, accounts.iter().copied());
    installed_product::Entity::find().filter(of).order_by_asc(installed_product::Column::Id).all(db).await
}

pub(super) async fn insert_verdict(
    db: &impl ConnectionTrait,
    row: conflict_verdict::Model,
) -> Result<conflict_verdict::Model, DbErr> {
    row.into_active_model().insert(db).await
}

/// The last verdict on a registration.
pub(super) async fn last_verdict(
    db: &impl ConnectionTrait,
    registration: RegistrationId,
) -> Result<Option<conflict_verdict::Model>, DbErr> {
    use conflict_verdict::{Column, Entity};
    let of = Entity::find().filter(Column::RegistrationId.eq(registration));
    of.order_by_desc(Column::Id).one(db).await
}

/// The verdict on a registration when it was handed in last.
pub(super) async fn submitted_verdict(
    db: &impl ConnectionTrait,
    registration: RegistrationId,
) -> Result<Option<conflict_verdict::Model>, DbErr> {
    use conflict_verdict::{Column, Entity};
    let of = Entity::find().filter(Column::RegistrationId.eq(registration));
    let of = of.filter(Column::Occasion.eq(ConflictTrigger::Submission));
    of.order_by_desc(Column::Id).one(db).await
}

pub(super) async fn verdict(
    db: &impl ConnectionTrait,
    id: VerdictId,
) -> Result<Option<conflict_verdict::Model>, DbErr> {
    conflict_verdict::Entity::find_by_id(id).one(db).await
}

/// The last conflict that was raised about a registration.
pub(super) async fn conflict_of(
    db: &impl ConnectionTrait,
    registration: RegistrationId,
) -> Result<Option<channel_conflict::Model>, DbErr> {
    use channel_conflict::{Column, Entity};
    let of = Entity::find().filter(Column::RegistrationId.eq(registration));
    of.order_by_desc(Column::Id).one(db).await
}

/// The conflicts that a claim is part of, newest first.
pub(super) async fn conflicts_with(
    db: &impl ConnectionTrait,
    registration: RegistrationId,
) -> Result<Vec<channel_conflict::Model>, DbErr> {
    use channel_conflict::{Column, Entity};
    let with = Query::select()
        .column(conflict_party::Column::ConflictId)
        .from(conflict_party::Entity)
        .and_where(conflict_party::Column::ClaimId.eq(registration.0))
        .take();
    Entity::find().filter(Column::Id.in_subquery(with)).order_by_desc(Column::Id).all(db).await
}

/// Which of these claims are part of which conflicts.
pub(super) async fn conflicts_among(
    db: &impl ConnectionTrait,
    claims: &BTreeSet<RegistrationId>,
) -> Result<Vec<(RegistrationId, channel_conflict::Model)>, DbErr> {
    use channel_conflict::{Column, Entity};
    let parties = among(db, conflict_party::Column::ClaimId, claims.iter().map(|it| it.0));
    let parties = conflict_party::Entity::find().filter(parties).all(db).await?;
    let conflicts = Entity::find().filter(among(db, Column::Id, parties.iter().map(|it| it.conflict_id)));
    let conflicts: BTreeMap<ConflictId, channel_conflict::Model> =
        conflicts.all(db).await?.into_iter().map(|it| (it.id, it)).collect();
    let part = |it: conflict_party::Model| {
        Some((RegistrationId(it.claim_id), conflicts.get(&it.conflict_id)?.clone()))
    };
    Ok(parties.into_iter().filter_map(part).collect())
}

/// The registrations that are in conflict with a lead or an opportunity.
pub(super) async fn opponents_of(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<BTreeSet<RegistrationId>, DbErr> {
    use conflict_party::{Column, Entity};
    let mut opponents = BTreeSet::new();
    for list in lists(db, goldens) {
        let with = Query::select()
            .column(Column::ConflictId)
            .from(Entity)
            .and_where(list.holds(Column::ClaimId))
            .take();
        let parties = Entity::find().select_only().column(Column::ClaimId);
        let parties = parties.filter(Column::Kind.eq(ClaimKind::Registration));
        let parties = parties.filter(Column::ConflictId.in_subquery(with));
        opponents.extend(parties.into_tuple::<RegistrationId>().all(db).await?);
    }
    Ok(opponents)
}

/// The conflict, locked until the transaction ends.
pub(super) async fn lock_conflict(
    txn: &impl ConnectionTrait,
    id: ConflictId,
) -> Result<Option<channel_conflict::Model>, DbErr> {
    channel_conflict::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn insert_conflict(
    db: &impl ConnectionTrait,
    row: channel_conflict::Model,
) -> Result<channel_conflict::Model, DbErr> {
    row.into_active_model().insert(db).await
}

pub(super) async fn replace_conflict(
    db: &impl ConnectionTrait,
    row: channel_conflict::Model,
) -> Result<channel_conflict::Model, DbErr> {
    row.into_active_model().reset_all().update(db).await
}

/// Who is part of these conflicts.
pub(super) async fn parties(
    db: &impl ConnectionTrait,
    conflicts: &[ConflictId],
) -> Result<Vec<conflict_party::Model>, DbErr> {
    use conflict_party::{Column, Entity};
    let of = Entity::find().filter(among(db, Column::ConflictId, conflicts.iter().copied()));
    of.order_by_asc(Column::Kind).order_by_asc(Column::ClaimId).all(db).await
}

/// Makes these, and no others, the parties of a conflict.
pub(super) async fn set_parties(
    db: &impl ConnectionTrait,
    conflict: ConflictId,
    parties: Vec<conflict_party::Model>,
) -> Result<(), DbErr> {
    use conflict_party::{Column, Entity};
    Entity::delete_many().filter(Column::ConflictId.eq(conflict)).exec(db).await?;
    let rows = parties.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, None).await
}

/// Notes that registrations are to be judged again.
pub(super) async fn note_checks(
    db: &impl ConnectionTrait,
    checks: Vec<conflict_check::Model>,
) -> Result<(), DbErr> {
    use conflict_check::{Column, Entity};
    let again = OnConflict::column(Column::RegistrationId)
        .update_columns([Column::NoteId, Column::Occasion, Column::NotedAt])
        .to_owned();
    let rows = checks.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<Entity, _>(db, rows, Some(again)).await
}

/// Registrations that are to be judged again, at most so many, those that wait longest first.
pub(super) async fn checks(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<conflict_check::Model>, DbErr> {
    use conflict_check::{Column, Entity};
    let checks = Entity::find().order_by_asc(Column::NotedAt).order_by_asc(Column::RegistrationId);
    checks.limit(limit).all(db).await
}

/// Forgets a note that was heeded, unless there is a newer one.
pub(super) async fn heed(db: &impl ConnectionTrait, note: Uuid) -> Result<bool, DbErr> {
    use conflict_check::{Column, Entity};
    Ok(Entity::delete_many().filter(Column::NoteId.eq(note)).exec(db).await?.rows_affected == 1)
}

/// The instants at which somebody checked since then.
pub(super) async fn checks_since(
    db: &impl ConnectionTrait,
    subject: &str,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    use claim_check::{Column, Entity};
    let of = Entity::find().select_only().column(Column::At).filter(Column::Subject.eq(subject));
    of.filter(Column::At.gt(since)).into_tuple().all(db).await
}

pub(super) async fn note_claim_check(
    db: &impl ConnectionTrait,
    row: claim_check::Model,
) -> Result<(), DbErr> {
    row.into_active_model().insert(db).await.map(drop)
}

/// Forgets the checks of before.
pub(super) async fn forget_claim_checks(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<(), DbErr> {
    use claim_check::{Column, Entity};
    Entity::delete_many().filter(Column::At.lte(before)).exec(db).await.map(drop)
}

/// The last verdict on each of some registrations behind an id, in the order of ids.
pub(super) async fn last_verdicts_after(
    db: &impl ConnectionTrait,
    after: Option<RegistrationId>,
    limit: u64,
) -> Result<Vec<conflict_verdict::Model>, DbErr> {
    use conflict_verdict::{Column, Entity};
    let mut some = Entity::find().select_only().column(Column::RegistrationId).distinct();
    if let Some(after) = after {
        some = some.filter(Column::RegistrationId.gt(after));
    }
    let some = some.order_by_asc(Column::RegistrationId).limit(limit);
    let ids: Vec<RegistrationId> = some.into_tuple().all(db).await?;
    let mut last: BTreeMap<RegistrationId, conflict_verdict::Model> = BTreeMap::new();
    for list in lists(db, &ids) {
        let of = Entity::find().filter(list.holds(Column::RegistrationId)).order_by_asc(Column::Id);
        last.extend(of.all(db).await?.into_iter().map(|it| (it.registration_id, it)));
    }
    Ok(last.into_values().collect())
}

/// What the notes of an occasion look like.
pub(super) fn check(
    registration_id: RegistrationId,
    note_id: Uuid,
    (occasion, noted_at): (ConflictTrigger, DateTime<Utc>),
) -> conflict_check::Model {
    conflict_check::Model { registration_id, note_id, occasion, noted_at }
}

/// The accounts of these leads.
pub(super) async fn accounts_of_leads(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
) -> Result<BTreeSet<GoldenId>, DbErr> {
    use golden_lead::{Column, Entity};
    let mut accounts = BTreeSet::new();
    for list in lists(db, leads) {
        let of = Entity::find().select_only().column(Column::AccountId).filter(list.holds(Column::Id));
        let of = of.filter(Column::AccountId.is_not_null()).filter(Column::AssignedPartnerId.is_not_null());
        accounts.extend(of.into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(accounts)
}

/// The accounts of these opportunities.
pub(super) async fn accounts_of_opportunities(
    db: &impl ConnectionTrait,
    opportunities: &[GoldenId],
) -> Result<BTreeSet<GoldenId>, DbErr> {
    use golden_opportunity::{Column, Entity};
    let mut accounts = BTreeSet::new();
    for list in lists(db, opportunities) {
        let of = Entity::find().select_only().column(Column::AccountId).filter(list.holds(Column::Id));
        accounts.extend(of.filter(Column::AccountId.is_not_null()).into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(accounts)
}

/// The registrations that are part of conflicts which are not settled.
pub(super) async fn registrations_in_open_conflicts(
    db: &impl ConnectionTrait,
) -> Result<BTreeSet<RegistrationId>, DbErr> {
    use channel_conflict::{Column as Of, Entity as Conflicts};
    use conflict_party::{Column, Entity};
    use domain::conflicts::ConflictStatus::{Appealed, Detected, Reopened, UnderReview};
    let open = Query::select()
        .column(Of::Id)
        .from(Conflicts)
        .and_where(Of::Status.is_in([Detected, UnderReview, Appealed, Reopened]))
        .take();
    let parties = Entity::find().select_only().column(Column::ClaimId).distinct();
    let parties = parties.filter(Column::Kind.eq(ClaimKind::Registration));
    let claims: Vec<Uuid> = parties.filter(Column::ConflictId.in_subquery(open)).into_tuple().all(db).await?;
    Ok(claims.into_iter().map(RegistrationId).collect())
}

/// Conflicts that were settled before an instant and are not closed, at most so many.
pub(super) async fn settled_before(
    db: &impl ConnectionTrait,
    instant: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<channel_conflict::Model>, DbErr> {
    use channel_conflict::{Column, Entity};
    use domain::conflicts::ConflictStatus::{AutoResolved, Resolved};
    let settled = Entity::find().filter(Column::Status.is_in([AutoResolved, Resolved]));
    settled.filter(Column::SettledAt.lt(instant)).order_by_asc(Column::Id).limit(limit).all(db).await
}
