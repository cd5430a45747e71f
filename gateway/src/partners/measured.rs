//! Partners and their people as KPIs count them: since when each has stood where, who is of which type, who manages whom.
//!
//! Lists of partners may be left out, which means all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::ids::{PartnerId, PartnerUserId};
use domain::kpis::engagement::training::UserFact;
use domain::kpis::window::Span;
use domain::partners::{JobFunction, PartnerStatus, PartnerType, PartnerUserStatus};
use entity::partners::{partner, partner_manager, partner_status, partner_user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::platform::database::{among_if, split_codes};

/// When partners were active; a partner that never was has no span.
pub async fn active_spans(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<BTreeMap<PartnerId, Vec<Span>>> {
    use partner_status::{Column, Entity};
    let statuses = Entity::find().filter(among_if(db, Column::PartnerId, partners));
    let statuses = statuses.order_by_asc(Column::PartnerId).order_by_asc(Column::Since).all(db).await?;
    let mut spans: BTreeMap<PartnerId, Vec<Span>> = BTreeMap::new();
    for row in statuses {
        let spans = spans.entry(row.partner_id).or_default();
        if let Some(open) = spans.last_mut().filter(|it| it.until.is_none()) {
            open.until = Some(row.since);
        }
        if row.status == PartnerStatus::Active {
            spans.push(Span::since(row.since));
        }
    }
    Ok(spans)
}

/// The people of partners, and when each could log in. Of whoever was disabled the last change counts as the end.
pub async fn users(db: &impl ConnectionTrait, partners: Option<&[PartnerId]>) -> Result<Vec<UserFact>> {
    use partner_user::{Column, Entity};
    type Row = (PartnerUserId, PartnerId, PartnerUserStatus, Option<DateTime<Utc>>, DateTime<Utc>);
    let columns = [Column::Id, Column::PartnerId, Column::Status, Column::AccessGrantedAt, Column::UpdatedAt];
    let rows =
        Entity::find().select_only().columns(columns).filter(among_if(db, Column::PartnerId, partners));
    let rows = rows.order_by_asc(Column::Id).into_tuple::<Row>().all(db).await?;
    let fact = |(id, partner, status, granted_at, changed_at): Row| {
        let until = (status == PartnerUserStatus::Disabled).then_some(changed_at);
        UserFact { id, partner, enabled: granted_at.map(|from| Span { from, until }).into_iter().collect() }
    };
    Ok(rows.into_iter().map(fact).collect())
}

/// The types of partners.
pub async fn types(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<BTreeMap<PartnerId, BTreeSet<PartnerType>>> {
    use partner::{Column, Entity};
    let rows = Entity::find().select_only().columns([Column::Id, Column::Types]);
    let rows = rows.filter(among_if(db, Column::Id, partners)).into_tuple::<(PartnerId, String)>();
    rows.all(db).await?.into_iter().map(|(id, types)| Ok((id, split_codes(&types)?))).collect()
}

/// The subjects of managers with the partners of each.
pub async fn managers(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<BTreeMap<String, BTreeSet<PartnerId>>> {
    use partner_manager::{Column, Entity};
    let mut sets: BTreeMap<String, BTreeSet<PartnerId>> = BTreeMap::new();
    for row in Entity::find().filter(among_if(db, Column::PartnerId, partners)).all(db).await? {
        sets.entry(row.subject).or_default().insert(row.partner_id);
    }
    Ok(sets)
}

/// The partners that a channel manager is responsible for.
pub async fn managed_by(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<PartnerId>> {
    use partner_manager::{Column, Entity};
    let own = Entity::find().select_only().column(Column::PartnerId).filter(Column::Subject.eq(subject));
    Ok(own.order_by_asc(Column::PartnerId).into_tuple().all(db).await?)
}

/// Everybody at any partner who works in sales.
pub async fn sales_people(db: &impl ConnectionTrait) -> Result<BTreeSet<PartnerUserId>> {
    use partner_user::{Column, Entity};
    let people = Entity::find().select_only().column(Column::Id);
    let people = people.filter(Column::JobFunction.eq(JobFunction::Sales)).into_tuple().all(db).await?;
    Ok(people.into_iter().collect())
}
