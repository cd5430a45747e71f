//! The counts of a period that begins and ends at midnight in Tokyo: whole months as such, and the days at its ends.
//!
//! Lists of partners may be left out, which means all. Each function is one statement, however long the period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use domain::calendar::date_in_tokyo;
use domain::ids::{PartnerId, PartnerUserId};
use domain::kpis::engagement::presence::AccessFact;
use domain::kpis::engagement::usage::{Usage, UsageFact};
use domain::kpis::rollup::Grain;
use domain::kpis::window::Window;
use entity::kpis::{usage_count, user_usage_count};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Result;
use crate::platform::database::{among_if, lists};

/// What partners used, without the days on which each user logged in.
pub(in crate::kpis) async fn usage(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Usage> {
    use usage_count::{Column, Entity};
    type Row = (PartnerId, i64, i64, i64, i64, i64);
    let sums = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .column_as(Column::DocumentViews.sum(), "document_views")
        .column_as(Column::Downloads.sum(), "downloads")
        .column_as(Column::ProposalToolUses.sum(), "proposal_tool_uses")
        .column_as(Column::FaqViews.sum(), "faq_views")
        .column_as(Column::ChatSessions.sum(), "chat_sessions")
        .filter(within((Column::Grain, Column::Begins), period))
        .filter(among_if(db, Column::PartnerId, partners))
        .group_by(Column::PartnerId);
    let fact = |(partner, views, downloads, tools, faq, chats): Row| {
        let fact = UsageFact {
            document_views: counted(views),
            downloads: counted(downloads),
            proposal_tool_uses: counted(tools),
            faq_views: counted(faq),
            chat_sessions: counted(chats),
            login_days: BTreeMap::new(),
        };
        (partner, fact)
    };
    Ok(sums.into_tuple::<Row>().all(db).await?.into_iter().map(fact).collect())
}

/// What each person did in a period.
#[derive(Debug, Clone, Copy)]
pub(in crate::kpis) struct UserUsage {
    pub(in crate::kpis) user: PartnerUserId,
    pub(in crate::kpis) partner: PartnerId,
    pub(in crate::kpis) login_days: u32,
    pub(in crate::kpis) has_started_training: bool,
}

pub(in crate::kpis) async fn of_users(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<UserUsage>> {
    use user_usage_count::{Column, Entity};
    type Row = (PartnerUserId, PartnerId, i64, i64);
    let sums = Entity::find()
        .select_only()
        .columns([Column::UserId, Column::PartnerId])
        .column_as(Column::LoginDays.sum(), "login_days")
        .column_as(Column::TrainingStarts.sum(), "training_starts")
        .filter(within((Column::Grain, Column::Begins), period))
        .filter(among_if(db, Column::PartnerId, partners))
        .group_by(Column::UserId)
        .group_by(Column::PartnerId);
    let usage = |(user, partner, days, starts): Row| UserUsage {
        user,
        partner,
        login_days: counted(days),
        has_started_training: starts > 0,
    };
    Ok(sums.into_tuple::<Row>().all(db).await?.into_iter().map(usage).collect())
}

/// When partners last showed up before an instant.
pub(in crate::kpis) async fn last_accesses(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    until: DateTime<Utc>,
) -> Result<BTreeMap<PartnerId, AccessFact>> {
    use usage_count::{Column, Entity};
    let end = date_in_tokyo(until);
    let months = Condition::all().add(Column::Grain.eq(Grain::Month)).add(Column::Begins.lt(first_of(end)));
    let days = Condition::all()
        .add(Column::Grain.eq(Grain::Day))
        .add(Column::Begins.gte(first_of(end)))
        .add(Column::Begins.lt(end));
    let last = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .column_as(Column::LastAccessAt.max(), "last_access_at")
        .filter(Condition::any().add(months).add(days))
        .filter(among_if(db, Column::PartnerId, partners))
        .group_by(Column::PartnerId);
    let rows = last.into_tuple::<(PartnerId, Option<DateTime<Utc>>)>().all(db).await?.into_iter();
    let fact = |last_access_at| AccessFact { last_access_at, paused: BTreeSet::new() };
    Ok(rows.map(|(partner, last)| (partner, fact(last))).collect())
}

/// Partners of which somebody logged in during a period of a few days.
pub(in crate::kpis) async fn logged_in(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
    period: &Window,
) -> Result<Vec<PartnerId>> {
    use usage_count::{Column, Entity};
    let logged_in = Entity::find()
        .select_only()
        .column(Column::PartnerId)
        .distinct()
        .filter(Column::Grain.eq(Grain::Day))
        .filter(Column::Begins.gte(date_in_tokyo(period.from())))
        .filter(Column::Begins.lt(date_in_tokyo(period.until())))
        .filter(Column::Logins.gt(0))
        .filter(among_if(db, Column::PartnerId, partners));
    Ok(logged_in.into_tuple().all(db).await?)
}

/// On which dates of a period these partners viewed documents, and how many.
pub(in crate::kpis) async fn views(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    period: &Window,
) -> Result<BTreeMap<PartnerId, Vec<(NaiveDate, u32)>>> {
    use usage_count::{Column, Entity};
    let mut views: BTreeMap<PartnerId, Vec<_>> = BTreeMap::new();
    for list in lists(db, partners) {
        let days = Entity::find()
            .select_only()
            .columns([Column::PartnerId, Column::Begins, Column::DocumentViews])
            .filter(Column::Grain.eq(Grain::Day))
            .filter(Column::Begins.gte(date_in_tokyo(period.from())))
            .filter(Column::Begins.lt(date_in_tokyo(period.until())))
            .filter(Column::DocumentViews.gt(0))
            .filter(list.holds(Column::PartnerId));
        for (partner, day, count) in days.into_tuple::<(PartnerId, NaiveDate, i32)>().all(db).await? {
            views.entry(partner).or_default().push((day, counted(count.into())));
        }
    }
    Ok(views)
}

/// Rows of the whole months of a period, and of the days before and after them.
fn within<C: ColumnTrait>((grain, begins): (C, C), period: &Window) -> Condition {
    let (from, until) = (date_in_tokyo(period.from()), date_in_tokyo(period.until()));
    let (first, last) = (first_month(from), first_of(until));
    let of = |kind: Grain, from: NaiveDate, until: NaiveDate| {
        Condition::all().add(grain.eq(kind)).add(begins.gte(from)).add(begins.lt(until))
    };
    if first >= last {
        return of(Grain::Day, from, until);
    }
    let ends = Condition::any().add(of(Grain::Day, from, first)).add(of(Grain::Day, last, until));
    ends.add(of(Grain::Month, first, last))
}

/// The first month that begins on a date or after it.
fn first_month(date: NaiveDate) -> NaiveDate {
    if date.day() == 1 { date } else { first_of(date) + Months::new(1) }
}

fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).expect("every month has a first day")
}

fn counted(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
