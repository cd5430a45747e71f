//! Won deals as KPIs count them.

use std::collections::HashMap;

use domain::calendar::{Period, start_of_day};
use domain::ids::PartnerId;
use domain::kpis::revenue::deals::WonDeal;
use domain::money::Money;
use entity::opportunities::golden_opportunity::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::error::Result;
use crate::platform::database::lists;

/// The deals that these partners brought and that were won on a date of the period, by partner. What has no amount is worth
/// nothing yet.
pub async fn sourced_by(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    period: Period,
) -> Result<HashMap<PartnerId, Vec<WonDeal>>> {
    let mut deals: HashMap<_, Vec<_>> = HashMap::new();
    for list in lists(db, partners) {
        let won = Entity::find()
            .filter(list.holds(Column::SourcingPartnerId))
            .filter(Column::IsWon.eq(true))
            .filter(Column::CloseDate.gte(period.from))
            .filter(Column::CloseDate.lt(period.until))
            .filter(Column::RedirectTo.is_null())
            .filter(Column::ArchivedAt.is_null())
            .order_by_asc(Column::Id);
        for (partner, deal) in won.all(db).await?.into_iter().filter_map(deal) {
            deals.entry(partner).or_default().push(deal);
        }
    }
    Ok(deals)
}

fn deal(row: Model) -> Option<(PartnerId, WonDeal)> {
    let partner = row.sourcing_partner_id?;
    let amount = Money { minor: row.amount_minor?, currency: row.currency? };
    let deal = WonDeal {
        id: row.id.into(),
        account: row.account_id.unwrap_or(row.id).into(),
        amount,
        won_at: start_of_day(row.close_date?),
        sourcing_partner: Some(partner),
        touches: Vec::new(),
        reversed_at: None,
    };
    Some((partner, deal))
}
