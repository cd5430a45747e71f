//! Which account the company of each lead led to, dated: what led where is not worked out again for the past, because
//! accounts come, go and change their names.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::golden::lead_account::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use super::accounts_of_leads::Employer;
use super::served;
use crate::platform::database::{insert_rows, lists};

/// Notes where leads lead from now on, as far as it is elsewhere than before. Something may be noted of some of them.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    employers: &BTreeMap<GoldenId, Employer>,
    noted: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let moved = moved(db, employers, noted).await?;
    let left: Vec<GoldenId> = moved.iter().filter(|it| it.from.is_some()).map(|it| it.lead).collect();
    for list in lists(db, &left) {
        Entity::update_many()
            .col_expr(Column::Until, Expr::value(now))
            .filter(list.holds(Column::LeadId))
            .filter(Column::Until.is_null())
            .exec(db)
            .await?;
    }
    let row = |it: &Move| {
        let row = Model { lead_id: it.lead, since: now, account_id: it.to?, until: None };
        Some(row.into_active_model())
    };
    // A lead may move twice at one instant.
    let replace = OnConflict::columns([Column::LeadId, Column::Since])
        .update_columns([Column::AccountId, Column::Until])
        .to_owned();
    insert_rows::<Entity, _>(db, moved.iter().filter_map(row).collect(), Some(replace)).await
}

/// A lead whose company leads elsewhere than before.
pub(super) struct Move {
    lead: GoldenId,
    from: Option<GoldenId>,
    to: Option<GoldenId>,
}

/// The leads that lead elsewhere than is noted, which it may be of some of them.
pub(super) async fn moved(
    db: &impl ConnectionTrait,
    employers: &BTreeMap<GoldenId, Employer>,
    noted: &[GoldenId],
) -> Result<Vec<Move>, DbErr> {
    let before = read(db, noted, Condition::all().add(Column::Until.is_null())).await?;
    let employers = employers.iter();
    let moves =
        employers.map(|(lead, it)| Move { lead: *lead, from: before.get(lead).copied(), to: it.account });
    Ok(moves.filter(|it| it.from != it.to).collect())
}

/// Where these leads lead as it is noted; an account that lost a merge since is its survivor.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
) -> Result<HashMap<GoldenId, GoldenId>, DbErr> {
    let mut accounts = read(db, leads, Condition::all().add(Column::Until.is_null())).await?;
    let named: Vec<GoldenId> = accounts.values().copied().collect();
    let survivors = served::redirecting_kind(db, RecordKind::Account, &named).await?;
    let survivors: HashMap<GoldenId, GoldenId> = survivors.into_iter().collect();
    for account in accounts.values_mut() {
        *account = survivors.get(account).copied().unwrap_or(*account);
    }
    Ok(accounts)
}

/// Where these leads led at an instant; nothing for those whose company led nowhere.
pub(super) async fn at(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
    at: DateTime<Utc>,
) -> Result<HashMap<GoldenId, GoldenId>, DbErr> {
    let not_ended = Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(at));
    read(db, leads, Condition::all().add(Column::Since.lte(at)).add(not_ended)).await
}

async fn read(
    db: &impl ConnectionTrait,
    leads: &[GoldenId],
    condition: Condition,
) -> Result<HashMap<GoldenId, GoldenId>, DbErr> {
    let mut accounts = HashMap::new();
    for list in lists(db, leads) {
        let of_leads = Entity::find().filter(list.holds(Column::LeadId));
        let rows = of_leads.filter(condition.clone()).all(db).await?;
        accounts.extend(rows.into_iter().map(|it| (it.lead_id, it.account_id)));
    }
    Ok(accounts)
}
