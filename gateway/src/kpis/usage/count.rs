//! Counting: the months of a partner of which events have come are made anew from the log, whatever was counted before. So what
//! is restated equals what is recomputed.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};
use domain::calendar::Period;
use domain::ids::PartnerId;
use domain::kpis::engagement::usage::UsageFact;
use domain::kpis::rollup::{Grain, RollUp};
use domain::kpis::settings::KpiSettings;
use domain::kpis::window::Window;
use entity::kpis::{usage_count, user_usage_count};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use crate::engagement::measured as events;
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::database::{insert_rows, take_turn};

/// Name of the job.
pub const JOB: &str = "kpis.count";

/// Partners counted before it is looked again who waits.
const BATCH: u64 = 200;

/// Counts whatever waits. What fails is left for the next turn, and keeps nothing else waiting.
pub async fn count_due(ctx: &RequestContext) -> Result<()> {
    let mut outcome = Ok(());
    loop {
        let mut has_counted = false;
        for partner in events::due(ctx.read(), None, BATCH).await? {
            let counted = count(ctx, partner).await;
            if let Err(error) = &counted {
                tracing::warn!(partner = %partner, code = error.code(), "usage is counted at the next turn");
            }
            has_counted |= counted.is_ok();
            outcome = outcome.and(counted);
        }
        if !has_counted {
            return outcome;
        }
    }
}

/// Counts what waits of these partners, or of all, before somebody is answered; not more than one can wait for.
pub(in crate::kpis) async fn catch_up(ctx: &RequestContext, partners: Option<&[PartnerId]>) -> Result<()> {
    for partner in events::due(ctx.read(), partners, BATCH).await? {
        count(ctx, partner).await?;
    }
    Ok(())
}

async fn count(ctx: &RequestContext, partner: PartnerId) -> Result<()> {
    let txn = ctx.begin().await?;
    take_turn(&txn, &format!("{JOB}/{partner}")).await?;
    let days = events::take_days(&txn, partner).await?;
    // A chat that goes on past midnight began on the day before.
    let changed = days.iter().flat_map(|it| [*it, *it + Days::new(1)]);
    let months: BTreeSet<NaiveDate> = changed.filter_map(|it| it.with_day(1)).collect();
    for month in months {
        recount(&txn, partner, month).await?;
    }
    Ok(txn.commit().await?)
}

async fn recount(txn: &DatabaseTransaction, partner: PartnerId, month: NaiveDate) -> Result<()> {
    let end = month + Months::new(1);
    let known = window(month - Days::new(1), end)?;
    let counted = events::of_partner(txn, partner, &known).await?;
    let rollup = RollUp::of(&counted, &KpiSettings::default());
    let mut of_partner = Vec::new();
    let mut of_users = Vec::new();
    for day in month.iter_days().take_while(|it| *it < end) {
        let day = Day { partner, begins: day, window: window(day, day + Days::new(1))? };
        of_users.extend(day.of_users(&rollup));
        of_partner.extend(day.of_partner(&rollup));
    }
    forget(txn, partner, month, end).await?;
    of_partner.extend(total(&of_partner, month));
    of_users.extend(totals(&of_users, month));
    let rows = of_partner.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<usage_count::Entity, _>(txn, rows, None).await?;
    let rows = of_users.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<user_usage_count::Entity, _>(txn, rows, None).await?)
}

async fn forget(
    txn: &DatabaseTransaction,
    partner: PartnerId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<()> {
    {
        use usage_count::{Column, Entity};
        let old = Entity::delete_many().filter(Column::PartnerId.eq(partner));
        old.filter(Column::Begins.gte(from)).filter(Column::Begins.lt(until)).exec(txn).await?;
    }
    use user_usage_count::{Column, Entity};
    let old = Entity::delete_many().filter(Column::PartnerId.eq(partner));
    old.filter(Column::Begins.gte(from)).filter(Column::Begins.lt(until)).exec(txn).await?;
    Ok(())
}

/// One day of one partner.
struct Day {
    partner: PartnerId,
    begins: NaiveDate,
    window: Window,
}

impl Day {
    fn of_partner(&self, rollup: &RollUp) -> Option<usage_count::Model> {
        let used = rollup.usage(&self.window).remove(&self.partner).unwrap_or_default();
        let mut days = rollup.days().filter(|(_, date, _)| *date == self.begins);
        let last_access_at = days.next().and_then(|(_, _, counts)| counts.last_access_at());
        let is_blank = used == UsageFact::default() && last_access_at.is_none();
        (!is_blank).then(|| usage_count::Model {
            partner_id: self.partner,
            grain: Grain::Day,
            begins: self.begins,
            document_views: stored(used.document_views),
            downloads: stored(used.downloads),
            proposal_tool_uses: stored(used.proposal_tool_uses),
            faq_views: stored(used.faq_views),
            chat_sessions: stored(used.chat_sessions),
            logins: i32::try_from(used.login_days.len()).unwrap_or(i32::MAX),
            last_access_at,
        })
    }

    fn of_users(&self, rollup: &RollUp) -> Vec<user_usage_count::Model> {
        let used = rollup.usage(&self.window).remove(&self.partner).unwrap_or_default();
        let started = rollup.training_starters(&self.window);
        let users: BTreeSet<_> = used.login_days.keys().copied().chain(started.iter().copied()).collect();
        let row = |user_id| user_usage_count::Model {
            user_id,
            grain: Grain::Day,
            begins: self.begins,
            partner_id: self.partner,
            login_days: i32::from(used.login_days.contains_key(&user_id)),
            training_starts: i32::from(started.contains(&user_id)),
        };
        users.into_iter().map(row).collect()
    }
}

/// A month is the sum of its days.
fn total(days: &[usage_count::Model], begins: NaiveDate) -> Option<usage_count::Model> {
    let first = days.first()?.clone();
    let month = usage_count::Model { grain: Grain::Month, begins, ..first };
    Some(days[1..].iter().fold(month, |month, day| usage_count::Model {
        document_views: month.document_views + day.document_views,
        downloads: month.downloads + day.downloads,
        proposal_tool_uses: month.proposal_tool_uses + day.proposal_tool_uses,
        faq_views: month.faq_views + day.faq_views,
        chat_sessions: month.chat_sessions + day.chat_sessions,
        logins: month.logins + day.logins,
        last_access_at: month.last_access_at.max(day.last_access_at),
        ..month
    }))
}

fn totals(days: &[user_usage_count::Model], begins: NaiveDate) -> Vec<user_usage_count::Model> {
    let users: BTreeSet<_> = days.iter().map(|it| it.user_id).collect();
    let total = |user_id| {
        let own = || days.iter().filter(move |it| it.user_id == user_id);
        user_usage_count::Model {
            user_id,
            grain: Grain::Month,
            begins,
            partner_id: days[0].partner_id,
            login_days: own().map(|it| it.login_days).sum(),
            training_starts: own().map(|it| it.training_starts).sum(),
        }
    };
    users.into_iter().map(total).collect()
}

fn window(from: NaiveDate, until: NaiveDate) -> Result<Window> {
    Window::try_from(Period { from, until }).map_err(Error::internal)
}

fn stored(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
