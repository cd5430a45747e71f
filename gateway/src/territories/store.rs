//! Territories in SQL. What callers read starts from what they see; rules see everything.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::access::{RowScope, partner_scope};
use domain::calendar::Period;
use domain::ids::{GoldenId, PartnerId, TerritoryAssignmentId};
use domain::products::InvalidProduct;
use domain::territories::TerritoryAssignment;
use entity::territories::named_account;
use entity::territories::territory_assignment::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::accounts;
use crate::error::{Error, Result};
use crate::platform::auth::Caller;
use crate::platform::database::{among, lists, split_codes};

/// The territories a caller sees: staff all, partners their own.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let condition = match partner_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::OfPartner(own) => Condition::all().add(Column::PartnerId.eq(own)),
        _ => Condition::all().add(Expr::value(false)),
    };
    Entity::find().filter(condition)
}

pub(super) async fn all(
    db: &impl ConnectionTrait,
    caller: &Caller,
    partner: Option<PartnerId>,
) -> Result<Vec<Model>, DbErr> {
    let of_partner = partner.map(|it| Column::PartnerId.eq(it));
    let condition = Condition::all().add_option(of_partner);
    visible_to(caller).filter(condition).order_by_asc(Column::Id).all(db).await
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: TerritoryAssignmentId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).one(db).await
}

/// As [`find`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: TerritoryAssignmentId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await
}

pub(super) async fn insert(
    txn: &impl ConnectionTrait,
    row: &Model,
    accounts: &BTreeSet<GoldenId>,
) -> Result<(), DbErr> {
    row.clone().into_active_model().insert(txn).await?;
    for &account_id in accounts {
        let named = named_account::Model { assignment_id: row.id, account_id };
        named.into_active_model().insert(txn).await?;
    }
    Ok(())
}

/// Those that hold on a date.
pub(super) fn valid_on(date: NaiveDate) -> Condition {
    Condition::all()
        .add(Column::ValidFrom.lte(date))
        .add(Condition::any().add(Column::ValidUntil.is_null()).add(Column::ValidUntil.gt(date)))
}

/// The exclusive ones that hold on some date of these.
pub(super) async fn exclusive_during(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    until: Option<NaiveDate>,
) -> Result<Vec<Model>, DbErr> {
    let ends_later = Condition::any().add(Column::ValidUntil.is_null()).add(Column::ValidUntil.gt(from));
    let query = Entity::find().filter(Column::IsExclusive.eq(true)).filter(ends_later);
    match until {
        Some(until) => query.filter(Column::ValidFrom.lt(until)).all(db).await,
        None => query.all(db).await,
    }
}

/// Those of these partners that hold on some date of a period, and every exclusive one.
pub(super) async fn relevant_during(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    period: Period,
) -> Result<Vec<Model>, DbErr> {
    let of_partners = among(db, Column::PartnerId, partners.iter().copied());
    let relevant = Condition::any().add(Column::IsExclusive.eq(true)).add(of_partners);
    let ends_later =
        Condition::any().add(Column::ValidUntil.is_null()).add(Column::ValidUntil.gt(period.from));
    let during = Condition::all().add(Column::ValidFrom.lt(period.until)).add(ends_later);
    Entity::find().filter(during).filter(relevant).all(db).await
}

/// Everything that holds on a date.
pub(super) async fn all_on(db: &impl ConnectionTrait, date: NaiveDate) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(valid_on(date)).all(db).await
}

/// The accounts that territories name, by what they are called now.
pub(super) async fn named_accounts(
    db: &impl ConnectionTrait,
    ids: &[TerritoryAssignmentId],
) -> Result<BTreeMap<TerritoryAssignmentId, BTreeSet<GoldenId>>> {
    let mut rows = Vec::new();
    for list in lists(db, ids) {
        let of_list = list.holds(named_account::Column::AssignmentId);
        rows.extend(named_account::Entity::find().filter(of_list).all(db).await?);
    }
    let survivors = accounts::service::survivors(db, &rows.iter().map(|it| it.account_id).collect()).await?;
    let mut named: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in rows {
        let account = survivors.get(&row.account_id).copied().unwrap_or(row.account_id);
        named.entry(row.assignment_id).or_default().insert(account);
    }
    Ok(named)
}

/// Rows as rules see them.
pub(super) async fn for_rules(
    db: &impl ConnectionTrait,
    rows: Vec<Model>,
) -> Result<Vec<TerritoryAssignment>> {
    let ids: Vec<_> = rows.iter().map(|it| it.id).collect();
    let mut named = named_accounts(db, &ids).await?;
    rows.iter().map(|row| for_rule(row, named.remove(&row.id).unwrap_or_default())).collect()
}

/// One row as rules see it.
pub(super) fn for_rule(row: &Model, named_accounts: BTreeSet<GoldenId>) -> Result<TerritoryAssignment> {
    Ok(TerritoryAssignment {
        partner: row.partner_id,
        prefectures: split_codes(&row.prefectures)?,
        industries: split_codes(&row.industries)?,
        products: row.products.parse().map_err(|it: InvalidProduct| Error::internal(it))?,
        named_accounts,
        is_exclusive: row.is_exclusive,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
    })
}
