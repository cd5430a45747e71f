//! Contracts in SQL. What callers read starts from what they see; rules and jobs see everything.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::access::{RowScope, contract_scope};
use domain::contracts::ContractStatus;
use domain::ids::{ContractId, PartnerId};
use entity::contracts::contract::{Column, Entity, Model};
use entity::contracts::{contract_document, contract_reminder, contract_version, negotiation_entry};
use sea_orm::sea_query::{Condition, Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::leads::access::managed_by;
use crate::platform::auth::Caller;
use crate::platform::database::{among, among_if};

/// The contracts a caller sees. What is still being written here does not concern the partner.
pub(super) fn visible_to(caller: &Caller) -> Select<Entity> {
    let all = Condition::all();
    let unsent = [ContractStatus::Draft, ContractStatus::LegalReview];
    let condition = match contract_scope(caller.identity()) {
        RowScope::Everything => all,
        RowScope::ManagedBy(subject) => all.add(Column::PartnerId.in_subquery(managed_by(&subject))),
        RowScope::OfPartner(own) => all.add(Column::PartnerId.eq(own)).add(Column::Status.is_not_in(unsent)),
        _ => all.add(Expr::value(false)),
    };
    Entity::find().filter(condition)
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: ContractId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).one(db).await
}

/// As [`find`]; keeps others from changing it until the transaction ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    caller: &Caller,
    id: ContractId,
) -> Result<Option<Model>, DbErr> {
    visible_to(caller).filter(Column::Id.eq(id)).lock_exclusive().one(txn).await
}

/// The contract under a number, without its renewals.
pub(super) async fn first_under(db: &impl ConnectionTrait, number: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Number.eq(number)).filter(Column::Renewal.eq(0)).one(db).await
}

pub(super) async fn all_first(db: &impl ConnectionTrait, caller: &Caller) -> Result<Vec<Model>, DbErr> {
    visible_to(caller).filter(Column::Renewal.eq(0)).order_by_asc(Column::Id).all(db).await
}

/// The versions of contracts, each in the order of their numbers.
pub(super) async fn versions(
    db: &impl ConnectionTrait,
    ids: &[ContractId],
) -> Result<BTreeMap<ContractId, Vec<contract_version::Model>>, DbErr> {
    use contract_version::{Column, Entity};
    let of_contracts = Entity::find().filter(among(db, Column::ContractId, ids.iter().copied()));
    let rows = of_contracts.order_by_asc(Column::Number).all(db).await?;
    Ok(grouped(rows, |it| it.contract_id))
}

pub(super) async fn documents(
    db: &impl ConnectionTrait,
    ids: &[ContractId],
) -> Result<BTreeMap<ContractId, Vec<contract_document::Model>>, DbErr> {
    use contract_document::{Column, Entity};
    let of_contracts = Entity::find().filter(among(db, Column::ContractId, ids.iter().copied()));
    Ok(grouped(of_contracts.order_by_asc(Column::Id).all(db).await?, |it| it.contract_id))
}

pub(super) async fn negotiations(
    db: &impl ConnectionTrait,
    ids: &[ContractId],
) -> Result<BTreeMap<ContractId, Vec<negotiation_entry::Model>>, DbErr> {
    use negotiation_entry::{Column, Entity};
    let of_contracts = Entity::find().filter(among(db, Column::ContractId, ids.iter().copied()));
    let by_date = of_contracts.order_by_asc(Column::OccurredOn).order_by_asc(Column::Id);
    Ok(grouped(by_date.all(db).await?, |it| it.contract_id))
}

pub(super) async fn reminders(
    db: &impl ConnectionTrait,
    ids: &[ContractId],
) -> Result<BTreeMap<ContractId, Vec<contract_reminder::Model>>, DbErr> {
    use contract_reminder::{Column, Entity};
    let of_contracts = Entity::find().filter(among(db, Column::ContractId, ids.iter().copied()));
    Ok(grouped(of_contracts.order_by_asc(Column::DueOn).all(db).await?, |it| it.contract_id))
}

/// Contracts with a reminder that nobody has taken care of.
pub(super) fn with_open_reminder() -> SelectStatement {
    use contract_reminder::{Column, Entity};
    Query::select().column(Column::ContractId).from(Entity).and_where(Column::AcknowledgedAt.is_null()).take()
}

/// Those of these partners, or of all, that were signed.
pub(super) async fn signed(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<Vec<Model>, DbErr> {
    let signed = ContractStatus::ALL.iter().copied().filter(|it| it.was_signed());
    let query = Entity::find().filter(among_if(db, Column::PartnerId, partners));
    query.filter(Column::Status.is_in(signed)).order_by_asc(Column::Id).all(db).await
}

/// Those of these partners that may have bound on a date: signed, begun, and neither ended early nor known to have ended.
pub(super) async fn binding_candidates(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    date: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    let signed = ContractStatus::ALL.iter().copied().filter(|it| it.was_signed());
    let running = [ContractStatus::Signed, ContractStatus::InForce];
    let not_ended = Condition::any().add(Column::EndDate.gte(date)).add(Column::Status.is_in(running));
    let not_terminated =
        Condition::any().add(Column::TerminatedOn.is_null()).add(Column::TerminatedOn.gt(date));
    Entity::find()
        .filter(among(db, Column::PartnerId, partners.iter().copied()))
        .filter(Column::Status.is_in(signed))
        .filter(Column::StartDate.lte(date))
        .filter(not_ended)
        .filter(not_terminated)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

pub(super) async fn has_signed(db: &impl ConnectionTrait, partner: PartnerId) -> Result<bool, DbErr> {
    let signed = ContractStatus::ALL.iter().copied().filter(|it| it.is_signed());
    let query = Entity::find().filter(Column::PartnerId.eq(partner)).filter(Column::Status.is_in(signed));
    Ok(query.one(db).await?.is_some())
}

/// Contracts whose dates have made news by today.
pub(super) async fn with_news(db: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<ContractId>, DbErr> {
    let is = |status: ContractStatus| Condition::all().add(Column::Status.eq(status));
    let begins = is(ContractStatus::Signed).add(Column::StartDate.lte(today));
    let ends = is(ContractStatus::InForce).add(Column::EndDate.lt(today));
    let running = Column::Status.is_in([ContractStatus::Signed, ContractStatus::InForce]);
    let terminates = Condition::all().add(running).add(Column::TerminatedOn.lte(today));
    let news = Condition::any().add(begins).add(ends).add(terminates);
    let query = Entity::find().select_only().column(Column::Id).filter(news).order_by_asc(Column::Id);
    query.into_tuple().all(db).await
}

/// Contracts in force that end within these dates.
pub(super) async fn ending(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Status.eq(ContractStatus::InForce))
        .filter(Column::EndDate.between(from, until))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

fn grouped<T>(rows: Vec<T>, contract: impl Fn(&T) -> ContractId) -> BTreeMap<ContractId, Vec<T>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        groups.entry(contract(&row)).or_default().push(row);
    }
    groups
}
