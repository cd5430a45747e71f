//! Which golden records a caller sees, whatever they describe.

use std::collections::BTreeSet;

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use sea_orm::sea_query::{Condition, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};

use super::loader::RecordRef;
use super::served::{Served, for_kind};
use crate::error::Result;
use crate::platform::auth::Caller;
use crate::platform::database::lists;

/// The ids of the records of a kind that the caller sees.
pub fn ids(caller: &Caller, kind: RecordKind) -> SelectStatement {
    match kind {
        RecordKind::Account => of::<golden_account::Entity>(caller),
        RecordKind::Contact => of::<golden_contact::Entity>(caller),
        RecordKind::Lead => of::<golden_lead::Entity>(caller),
        RecordKind::Opportunity => of::<golden_opportunity::Entity>(caller),
    }
}

fn of<E: Served>(caller: &Caller) -> SelectStatement {
    E::visible_to(caller).select_only().column(E::ID).into_query()
}

/// The ids that lead to records of a kind that the caller sees: their own, and those of records merged into them.
pub fn ids_leading_to(caller: &Caller, kind: RecordKind) -> SelectStatement {
    match kind {
        RecordKind::Account => leading_to::<golden_account::Entity>(caller),
        RecordKind::Contact => leading_to::<golden_contact::Entity>(caller),
        RecordKind::Lead => leading_to::<golden_lead::Entity>(caller),
        RecordKind::Opportunity => leading_to::<golden_opportunity::Entity>(caller),
    }
}

fn leading_to<E: Served>(caller: &Caller) -> SelectStatement {
    let seen = of::<E>(caller);
    let leads = Condition::any().add(E::ID.in_subquery(seen.clone())).add(E::REDIRECT_TO.in_subquery(seen));
    E::find().select_only().column(E::ID).filter(leads).into_query()
}

/// The golden record that an id leads to today, if the caller sees it.
pub async fn today(
    db: &impl ConnectionTrait,
    caller: &Caller,
    record: RecordRef,
) -> Result<Option<GoldenId>> {
    for_kind!(record.kind, seen(db, caller, record.id))
}

/// Those of these golden records of a kind that the caller sees.
pub async fn those(
    db: &impl ConnectionTrait,
    caller: &Caller,
    kind: RecordKind,
    ids: &BTreeSet<GoldenId>,
) -> Result<BTreeSet<GoldenId>> {
    for_kind!(kind, seen_of(db, caller, ids))
}

async fn seen_of<E: Served>(
    db: &impl ConnectionTrait,
    caller: &Caller,
    ids: &BTreeSet<GoldenId>,
) -> Result<BTreeSet<GoldenId>> {
    let mut seen = BTreeSet::new();
    for list in lists(db, &ids.iter().copied().collect::<Vec<_>>()) {
        let rows = E::visible_to(caller).filter(list.holds(E::ID));
        seen.extend(rows.select_only().column(E::ID).into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(seen)
}

async fn seen<E: Served>(
    db: &impl ConnectionTrait,
    caller: &Caller,
    id: GoldenId,
) -> Result<Option<GoldenId>> {
    let redirect = E::find().select_only().column(E::REDIRECT_TO).filter(E::ID.eq(id));
    let Some(redirect) = redirect.into_tuple::<Option<GoldenId>>().one(db).await? else { return Ok(None) };
    let seen = E::visible_to(caller).filter(E::ID.eq(redirect.unwrap_or(id)));
    Ok(seen.select_only().column(E::ID).into_tuple().one(db).await?)
}
