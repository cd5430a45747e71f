//! Partners in SQL. Every query starts from what the caller sees.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::{Role, RowScope, partner_scope};
use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{PartnerStatus, PartnerUserStatus};
use entity::partners::{partner, partner_manager, partner_status, partner_user};
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::platform::auth::Caller;
use crate::platform::database::among;

/// The partners a caller sees.
pub(super) fn visible_to(caller: &Caller) -> Select<partner::Entity> {
    let condition = match partner_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::OfPartner(own) => Condition::all().add(partner::Column::Id.eq(own)),
        _ => nothing(),
    };
    partner::Entity::find().filter(condition)
}

/// The partner users a caller sees: staff all, an administrator the own partner's, a representative itself.
pub(super) fn users_visible_to(caller: &Caller) -> Select<partner_user::Entity> {
    let has = |role| caller.roles.contains(&role);
    let condition = match (caller.partner, caller.partner_user) {
        _ if has(Role::Admin) || has(Role::ChannelManager) || has(Role::DataSteward) => Condition::all(),
        (Some(partner), _) if has(Role::PartnerAdmin) => {
            Condition::all().add(partner_user::Column::PartnerId.eq(partner))
        }
        (Some(partner), Some(user)) if has(Role::PartnerRep) => Condition::all()
            .add(partner_user::Column::PartnerId.eq(partner))
            .add(partner_user::Column::Id.eq(user)),
        _ => nothing(),
    };
    partner_user::Entity::find().filter(condition)
}

/// A condition that no row meets.
fn nothing() -> Condition {
    Condition::all().add(sea_orm::sea_query::Expr::value(false))
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: PartnerId,
) -> Result<Option<partner::Model>, DbErr> {
    visible_to(caller).filter(partner::Column::Id.eq(id)).one(db).await
}

pub(super) async fn find_user(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: PartnerUserId,
) -> Result<Option<partner_user::Model>, DbErr> {
    users_visible_to(caller).filter(partner_user::Column::Id.eq(id)).one(db).await
}

/// As [`find`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: PartnerId,
) -> Result<Option<partner::Model>, DbErr> {
    visible_to(caller).filter(partner::Column::Id.eq(id)).lock_exclusive().one(txn).await
}

/// As [`find_user`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock_user(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: PartnerUserId,
) -> Result<Option<partner_user::Model>, DbErr> {
    users_visible_to(caller).filter(partner_user::Column::Id.eq(id)).lock_exclusive().one(txn).await
}

pub(super) async fn with_corporate_number(
    db: &impl ConnectionTrait,
    number: &str,
) -> Result<Option<partner::Model>, DbErr> {
    partner::Entity::find().filter(partner::Column::CorporateNumber.eq(number)).one(db).await
}

/// Those a caller sees with that corporate number or registered name.
pub(super) async fn called(
    db: &impl ConnectionTrait,
    caller: &Caller,
    text: &str,
) -> Result<Vec<partner::Model>, DbErr> {
    let by_number = partner::Column::CorporateNumber.eq(text);
    let by_either = Condition::any().add(by_number).add(partner::Column::LegalName.eq(text));
    visible_to(caller).filter(by_either).all(db).await
}

pub(super) async fn all(db: &impl ConnectionTrait, caller: &Caller) -> Result<Vec<partner::Model>, DbErr> {
    visible_to(caller).order_by_asc(partner::Column::Id).all(db).await
}

pub(super) async fn all_users(
    db: &impl ConnectionTrait,
    caller: &Caller,
) -> Result<Vec<partner_user::Model>, DbErr> {
    users_visible_to(caller).order_by_asc(partner_user::Column::Id).all(db).await
}

/// The person of a partner with that address. Not of any partner: the answer would tell one partner of another's people.
pub(super) async fn user_with_email(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    key: &str,
) -> Result<Option<partner_user::Model>, DbErr> {
    partner_user::Entity::find()
        .filter(partner_user::Column::PartnerId.eq(partner))
        .filter(partner_user::Column::EmailKey.eq(key))
        .one(db)
        .await
}

pub(super) async fn enabled_users(db: &impl ConnectionTrait, partner: PartnerId) -> Result<u32, DbErr> {
    let enabled = partner_user::Entity::find()
        .filter(partner_user::Column::PartnerId.eq(partner))
        .filter(partner_user::Column::Status.eq(PartnerUserStatus::Enabled));
    Ok(u32::try_from(enabled.count(db).await?).unwrap_or(u32::MAX))
}

/// The people of a partner who may log in, or soon will.
pub(super) async fn users_with_access(
    db: &impl ConnectionTrait,
    partner: PartnerId,
) -> Result<Vec<partner_user::Model>, DbErr> {
    partner_user::Entity::find()
        .filter(partner_user::Column::PartnerId.eq(partner))
        .filter(partner_user::Column::Status.ne(PartnerUserStatus::Disabled))
        .all(db)
        .await
}

/// The partner of each of these users.
pub(super) async fn employers(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = PartnerUserId>,
) -> Result<Vec<(PartnerUserId, PartnerId)>, DbErr> {
    use partner_user::{Column, Entity};
    let employed = Entity::find().select_only().columns([Column::Id, Column::PartnerId]);
    employed.filter(among(db, Column::Id, users)).into_tuple().all(db).await
}

pub(super) async fn names(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = PartnerId>,
) -> Result<Vec<(PartnerId, String)>, DbErr> {
    use partner::{Column, Entity};
    let named = Entity::find().select_only().columns([Column::Id, Column::LegalName]);
    named.filter(among(db, Column::Id, ids)).into_tuple().all(db).await
}

pub(super) async fn active(db: &impl ConnectionTrait) -> Result<BTreeSet<PartnerId>, DbErr> {
    let active = partner::Entity::find().select_only().column(partner::Column::Id);
    let active = active.filter(partner::Column::Status.eq(PartnerStatus::Active));
    Ok(active.into_tuple().all(db).await?.into_iter().collect())
}

pub(super) async fn statuses(db: &impl ConnectionTrait) -> Result<BTreeMap<PartnerId, PartnerStatus>, DbErr> {
    let all = partner::Entity::find().select_only().columns([partner::Column::Id, partner::Column::Status]);
    Ok(all.into_tuple::<(PartnerId, PartnerStatus)>().all(db).await?.into_iter().collect())
}

/// Notes where a partner stands from now on.
pub(super) async fn note_status(
    db: &impl ConnectionTrait,
    partner: &partner::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use partner_status::{Column, Entity, Model};
    let row = Model { partner_id: partner.id, since: now, status: partner.status };
    // Who changes it twice in an instant meant the second.
    let last =
        OnConflict::columns([Column::PartnerId, Column::Since]).update_column(Column::Status).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(last).exec_without_returning(db).await.map(drop)
}

pub(super) async fn is_managed_by(
    db: &impl ConnectionTrait,
    id: PartnerId,
    subject: &str,
) -> Result<bool, DbErr> {
    let found = partner_manager::Entity::find_by_id((id, subject.to_owned())).one(db).await?;
    Ok(found.is_some())
}

/// All partners for an administrator, for others those they manage.
pub(super) async fn own_set(
    db: &impl ConnectionTrait,
    caller: &Caller,
) -> Result<Vec<partner::Model>, DbErr> {
    let mut partners = all(db, caller).await?;
    if !caller.roles.contains(&Role::Admin) {
        let managed = partner_manager::Entity::find();
        let managed = managed.filter(partner_manager::Column::Subject.eq(caller.subject.as_str()));
        let managed: BTreeSet<PartnerId> =
            managed.all(db).await?.into_iter().map(|it| it.partner_id).collect();
        partners.retain(|it| managed.contains(&it.id));
    }
    Ok(partners)
}

pub(super) async fn managers(
    db: &impl ConnectionTrait,
    ids: &[PartnerId],
) -> Result<Vec<partner_manager::Model>, DbErr> {
    partner_manager::Entity::find()
        .filter(partner_manager::Column::PartnerId.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Makes these subjects, and no others, the managers of a partner.
pub(super) async fn set_managers(
    db: &impl ConnectionTrait,
    id: PartnerId,
    subjects: &[String],
) -> Result<(), DbErr> {
    partner_manager::Entity::delete_many().filter(partner_manager::Column::PartnerId.eq(id)).exec(db).await?;
    let rows: Vec<partner_manager::ActiveModel> = subjects
        .iter()
        .map(|subject| partner_manager::Model { partner_id: id, subject: subject.clone() }.into())
        .collect();
    if !rows.is_empty() {
        partner_manager::Entity::insert_many(rows).exec(db).await?;
    }
    Ok(())
}

/// Partner users as they were changed since an instant; without one, everybody who has no access.
pub(super) async fn users_changed(
    db: &impl ConnectionTrait,
    since: Option<DateTime<Utc>>,
) -> Result<Vec<(PartnerUserId, PartnerUserStatus)>, DbErr> {
    use partner_user::Column;
    let changed = match since {
        Some(since) => Column::UpdatedAt.gte(since),
        None => Column::Status.eq(PartnerUserStatus::Disabled),
    };
    let users = partner_user::Entity::find().filter(changed).select_only();
    users.columns([Column::Id, Column::Status]).into_tuple().all(db).await
}
