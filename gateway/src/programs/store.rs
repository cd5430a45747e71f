//! Programs and tiers in SQL. What callers read of partners starts from what they see.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::{RowScope, partner_scope};
use domain::calendar::Quarter;
use domain::ids::{PartnerId, ProgramVersionId};
use domain::programs::ProgramState;
use entity::programs::{partner_tier, program_version, tier_evaluation, tier_measurement};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::platform::auth::Caller;
use crate::platform::database::{among, lists};

/// The evaluations a caller sees: staff all, partners their own.
pub(super) fn evaluations_visible_to(caller: &Caller) -> Select<tier_evaluation::Entity> {
    let condition = match partner_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::OfPartner(own) => Condition::all().add(tier_evaluation::Column::PartnerId.eq(own)),
        _ => Condition::all().add(Expr::value(false)),
    };
    tier_evaluation::Entity::find().filter(condition)
}

/// The versions of the program: drafts are for staff.
pub(super) fn versions_visible_to(caller: &Caller) -> Select<program_version::Entity> {
    let query = program_version::Entity::find();
    match caller.is_staff() {
        true => query,
        false => query.filter(program_version::Column::State.ne(ProgramState::Draft)),
    }
}

pub(super) async fn lock_version(
    txn: &DatabaseTransaction,
    id: ProgramVersionId,
) -> Result<Option<program_version::Model>, DbErr> {
    program_version::Entity::find_by_id(id).lock_exclusive().one(txn).await
}

pub(super) async fn find_version(
    db: &impl ConnectionTrait,
    id: ProgramVersionId,
) -> Result<Option<program_version::Model>, DbErr> {
    program_version::Entity::find_by_id(id).one(db).await
}

/// The version in force in a fiscal year.
pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    fiscal_year: i32,
) -> Result<Option<program_version::Model>, DbErr> {
    use program_version::{Column, Entity};
    let of_year = Entity::find().filter(Column::FiscalYear.eq(fiscal_year));
    of_year.filter(Column::State.eq(ProgramState::Active)).one(db).await
}

pub(super) async fn last_number(db: &impl ConnectionTrait, fiscal_year: i32) -> Result<i32, DbErr> {
    use program_version::{Column, Entity};
    let of_year = Entity::find().filter(Column::FiscalYear.eq(fiscal_year));
    let last = of_year.order_by_desc(Column::Number).one(db).await?;
    Ok(last.map_or(0, |it| it.number))
}

/// The tiers of partners at an instant.
pub(super) async fn tiers_at(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    at: DateTime<Utc>,
) -> Result<BTreeMap<PartnerId, partner_tier::Model>, DbErr> {
    use partner_tier::{Column, Entity};
    let mut tiers = BTreeMap::new();
    for list in lists(db, partners) {
        let begun = Entity::find().filter(list.holds(Column::PartnerId)).filter(Column::Since.lte(at));
        let rows = begun.order_by_asc(Column::Since).order_by_asc(Column::Id).all(db).await?;
        tiers.extend(rows.into_iter().map(|it| (it.partner_id, it)));
    }
    Ok(tiers)
}

/// Every tier that these partners have held, oldest first.
pub(super) async fn tiers_of(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
) -> Result<Vec<partner_tier::Model>, DbErr> {
    use partner_tier::{Column, Entity};
    let held = Entity::find().filter(among(db, Column::PartnerId, partners.iter().copied()));
    held.order_by_asc(Column::Since).order_by_asc(Column::Id).all(db).await
}

/// Those of these partners that have been evaluated for a quarter.
pub(super) async fn evaluated(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    quarter: Quarter,
) -> Result<BTreeSet<PartnerId>, DbErr> {
    use tier_evaluation::{Column, Entity};
    let of_quarter = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .filter(Column::FiscalYear.eq(quarter.year().0))
        .filter(Column::Quarter.eq(number(quarter)))
        .filter(among(db, Column::PartnerId, partners.iter().copied()));
    Ok(of_quarter.into_tuple().all(db).await?.into_iter().collect())
}

/// The last evaluation of a partner.
pub(super) async fn last_evaluation(
    db: &impl ConnectionTrait,
    partner: PartnerId,
) -> Result<Option<tier_evaluation::Model>, DbErr> {
    use tier_evaluation::{Column, Entity};
    Entity::find().filter(Column::PartnerId.eq(partner)).order_by_desc(Column::Id).one(db).await
}

/// What people entered of a partner for a quarter.
pub(super) async fn measurements(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    quarter: Quarter,
) -> Result<Vec<tier_measurement::Model>, DbErr> {
    use tier_measurement::{Column, Entity};
    Entity::find()
        .filter(Column::FiscalYear.eq(quarter.year().0))
        .filter(Column::Quarter.eq(number(quarter)))
        .filter(Column::PartnerId.eq(partner))
        .all(db)
        .await
}

/// The number of a quarter as it is stored.
pub(super) fn number(quarter: Quarter) -> i32 {
    i32::try_from(quarter.number()).expect("a year has four quarters")
}
