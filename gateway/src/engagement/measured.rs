//! Events as KPIs count them, and which days wait to be counted.
//!
//! Lists of partners may be left out, which means all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::engagement::Measure;
use domain::ids::{EngagementEventId, PartnerId, PartnerUserId};
use domain::kpis::engagement::faq::{ArticleFact, FaqUse, SearchFact};
use domain::kpis::rollup::CountedEvent;
use domain::kpis::window::Window;
use entity::engagement::{engagement_day_due, engagement_event};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::platform::database::{among, among_if};

/// What a partner did in a period, in order of time.
pub async fn of_partner(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    period: &Window,
) -> Result<Vec<CountedEvent>> {
    use engagement_event::Column;
    type Row = (PartnerId, Option<PartnerUserId>, DateTime<Utc>, Measure, bool);
    let columns = [Column::PartnerId, Column::UserId, Column::OccurredAt, Column::Measure, Column::IsAccess];
    let events = during(period).filter(Column::PartnerId.eq(partner)).select_only().columns(columns);
    let events = events.into_tuple::<Row>().all(db).await?.into_iter();
    let counted =
        |(partner, user, at, measure, is_access)| CountedEvent { partner, user, at, measure, is_access };
    Ok(events.map(counted).collect())
}

/// When partners did something that counts as one of these, in a period.
pub async fn times_of(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    measures: &[Measure],
    period: &Window,
) -> Result<Vec<(PartnerId, DateTime<Utc>)>> {
    use engagement_event::Column;
    let events = during(period).filter(Column::Measure.is_in(measures.iter().copied()));
    let events = events.filter(among_if(db, Column::PartnerId, partners)).select_only();
    Ok(events.columns([Column::PartnerId, Column::OccurredAt]).into_tuple().all(db).await?)
}

/// Who did something that counts as this in a period, by partner.
pub async fn users_of(
    db: &impl ConnectionTrait,
    measure: Measure,
    period: &Window,
) -> Result<BTreeMap<PartnerId, BTreeSet<PartnerUserId>>> {
    use engagement_event::Column;
    let events = during(period).filter(Column::Measure.eq(measure)).filter(Column::UserId.is_not_null());
    let events = events.select_only().columns([Column::PartnerId, Column::UserId]);
    let mut users: BTreeMap<PartnerId, BTreeSet<PartnerUserId>> = BTreeMap::new();
    for (partner, user) in events.into_tuple().all(db).await? {
        users.entry(partner).or_default().insert(user);
    }
    Ok(users)
}

/// What people looked for in the FAQ in a period, with what of the day before and after decides about it.
pub async fn faq_uses(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<FaqUse>> {
    use engagement_event::Column;
    type Row = (EngagementEventId, PartnerId, PartnerUserId, DateTime<Utc>, Measure, String);
    let around = Window::new(period.from() - TimeDelta::days(1), period.until() + TimeDelta::days(2));
    let columns =
        [Column::Id, Column::PartnerId, Column::UserId, Column::OccurredAt, Column::Measure, Column::Payload];
    let events = during(&around.map_err(Error::internal)?)
        .filter(Column::Measure.is_in([Measure::FaqSearch, Measure::FaqView, Measure::Inquiry]))
        .filter(Column::UserId.is_not_null())
        .filter(among_if(db, Column::PartnerId, partners))
        .select_only()
        .columns(columns);
    let mut uses: BTreeMap<PartnerUserId, FaqUse> = BTreeMap::new();
    for (id, partner, user, at, measure, payload) in events.into_tuple::<Row>().all(db).await? {
        let payload: Map<String, Value> = serde_json::from_str(&payload).map_err(Error::internal)?;
        let of_user = uses.entry(user).or_insert_with(|| FaqUse {
            user,
            partner,
            searches: Vec::new(),
            articles: Vec::new(),
            inquiries: Vec::new(),
        });
        match measure {
            Measure::FaqSearch => {
                let keyword = payload.get("keyword").and_then(Value::as_str).unwrap_or_default().to_owned();
                of_user.searches.push(SearchFact { id: id.into(), at, keyword });
            }
            Measure::FaqView => {
                let seconds = payload.get("seconds").and_then(Value::as_u64).unwrap_or_default();
                let is_unhelpful = payload.get("helpful").and_then(Value::as_bool) == Some(false);
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                of_user.articles.push(ArticleFact { at, seconds, is_unhelpful });
            }
            _ => of_user.inquiries.push(at),
        }
    }
    Ok(uses.into_values().collect())
}

/// Partners of which days wait to be counted, those that wait longest first, at most so many.
pub async fn due(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    limit: u64,
) -> Result<Vec<PartnerId>> {
    use engagement_day_due::{Column, Entity};
    let due = Entity::find().select_only().column(Column::PartnerId);
    let due = due.filter(among_if(db, Column::PartnerId, partners)).group_by(Column::PartnerId);
    let due = due.order_by_asc(Column::Since.min()).order_by_asc(Column::PartnerId).limit(limit);
    Ok(due.into_tuple().all(db).await?)
}

/// Since when the first event has come that is not counted yet.
pub async fn uncounted_since(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<Option<DateTime<Utc>>> {
    use engagement_day_due::{Column, Entity};
    let due = Entity::find().select_only().column(Column::Since);
    let due = due.filter(among_if(db, Column::PartnerId, partners)).order_by_asc(Column::Since);
    Ok(due.limit(1).into_tuple().one(db).await?)
}

/// Takes the days of a partner that wait to be counted. Events that come from now on note their days anew.
pub async fn take_days(txn: &DatabaseTransaction, partner: PartnerId) -> Result<BTreeSet<NaiveDate>> {
    use engagement_day_due::{Column, Entity};
    let of_partner = Entity::find().filter(Column::PartnerId.eq(partner)).lock_exclusive();
    let days: BTreeSet<NaiveDate> = of_partner.all(txn).await?.into_iter().map(|it| it.day).collect();
    if !days.is_empty() {
        let taken = Entity::delete_many().filter(Column::PartnerId.eq(partner));
        taken.filter(among(txn, Column::Day, days.iter().copied())).exec(txn).await?;
    }
    Ok(days)
}

fn during(period: &Window) -> Select<engagement_event::Entity> {
    use engagement_event::{Column, Entity};
    let during = Entity::find().filter(Column::OccurredAt.gte(period.from()));
    let during = during.filter(Column::OccurredAt.lt(period.until()));
    during.order_by_asc(Column::OccurredAt).order_by_asc(Column::Id)
}
