//! Deals as KPIs count them: those that were won, and how all of them ended. A deal ends at the start of its close date in
//! Tokyo; lost merges and archived records are none.

use chrono::NaiveDate;
use domain::calendar::{date_in_tokyo, start_of_day};
use domain::ids::{GoldenId, PartnerId};
use domain::kpis::pipeline::closing::{ClosedDeal, Ending};
use domain::kpis::revenue::deals::WonDeal;
use domain::kpis::window::Window;
use domain::money::Money;
use entity::opportunities::golden_opportunity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::error::Result;
use crate::platform::database::{among_if, lists};

/// Reasons that say that nobody decided: what ended so is neither won nor lost.
const WITHDRAWN: &str = "WITHDRAWN";
const DUPLICATE: &str = "DUPLICATE";

/// The deals won in a period that begins and ends at midnight in Tokyo: those that these partners brought, or all, direct
/// sales included. What has no amount counts, and is worth nothing yet.
pub async fn won_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<WonDeal>> {
    let won = ended_during(period).filter(Column::IsWon.eq(true));
    let won = won.filter(among_if(db, Column::SourcingPartnerId, partners));
    Ok(won.all(db).await?.into_iter().filter_map(deal).collect())
}

/// What these customers bought before a date, of these partners or of anybody.
pub async fn bought_before(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    accounts: &[GoldenId],
    date: NaiveDate,
) -> Result<Vec<WonDeal>> {
    let mut deals = Vec::new();
    for list in lists(db, accounts) {
        let won = live().filter(Column::IsWon.eq(true)).filter(Column::CloseDate.lt(date));
        let won = won.filter(list.holds(Column::AccountId));
        let won = won.filter(among_if(db, Column::SourcingPartnerId, partners));
        deals.extend(won.all(db).await?.into_iter().filter_map(deal));
    }
    Ok(deals)
}

/// How the deals that these partners brought, or any partner, ended in a period, with whose each is.
pub async fn closed_during(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<(PartnerId, ClosedDeal)>> {
    let closed = ended_during(period);
    let closed = closed.filter(Column::IsClosed.eq(true)).filter(Column::SourcingPartnerId.is_not_null());
    let closed = closed.filter(among_if(db, Column::SourcingPartnerId, partners));
    Ok(closed.all(db).await?.into_iter().filter_map(ending).collect())
}

fn ended_during(period: &Window) -> Select<Entity> {
    let (from, until) = (date_in_tokyo(period.from()), date_in_tokyo(period.until()));
    live().filter(Column::CloseDate.gte(from)).filter(Column::CloseDate.lt(until))
}

fn live() -> Select<Entity> {
    let live = Entity::find().filter(Column::RedirectTo.is_null()).filter(Column::ArchivedAt.is_null());
    live.order_by_asc(Column::Id)
}

fn deal(row: Model) -> Option<WonDeal> {
    Some(WonDeal {
        id: row.id.into(),
        account: row.account_id.unwrap_or(row.id).into(),
        amount: row.amount_minor.zip(row.currency).map(|(minor, currency)| Money { minor, currency }),
        won_at: start_of_day(row.close_date?),
        sourcing_partner: row.sourcing_partner_id,
        touches: Vec::new(),
        reversed_at: None,
    })
}

fn ending(row: Model) -> Option<(PartnerId, ClosedDeal)> {
    let ending = match (row.is_won, row.loss_reason) {
        (Some(true), _) => Ending::Won,
        (_, Some(reason)) if reason == WITHDRAWN => Ending::Withdrawn,
        (_, Some(reason)) if reason == DUPLICATE => Ending::Duplicate,
        (_, reason) => Ending::Lost(reason),
    };
    let closed_at = start_of_day(row.close_date?);
    Some((row.sourcing_partner_id?, ClosedDeal { id: row.id.into(), closed_at, ending }))
}
