//! Figures of each active partner that rules watch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, TimeDelta, Utc};
use domain::alerts::Metrics;
use domain::calendar::{date_in_tokyo, start_of_day};
use domain::engagement::Measure;
use domain::ids::{PartnerId, PartnerUserId};
use domain::kpis::engagement::presence::silence;
use domain::kpis::frame::PartnerFacts;
use domain::kpis::settings::KpiSettings;
use domain::kpis::window::{Window, calendar_days};
use rust_decimal::Decimal;

use super::scope::Scope;
use super::service::partner_facts;
use super::usage::{count, read};
use crate::engagement::measured as events;
use crate::error::{Error, Result};
use crate::partners;
use crate::platform::context::RequestContext;

/// Days since somebody of the partner showed up, or since access was granted.
pub const DAYS_SINCE_ACCESS: &str = "daysSinceAccess";
/// Days since the partner became active.
pub const DAYS_ACTIVE: &str = "daysActive";
/// Documents viewed or downloaded in the last 90 days.
pub const DOCUMENTS_SEEN: &str = "documentsSeen";
/// Users who completed a training in the last year.
pub const COMPLETERS: &str = "completers";
/// Those of them who work in sales.
pub const SALES_COMPLETERS: &str = "salesCompleters";

/// Every figure that a rule may ask for.
pub const ALL: [&str; 5] = [DAYS_SINCE_ACCESS, DAYS_ACTIVE, DOCUMENTS_SEEN, COMPLETERS, SALES_COMPLETERS];

/// How far back documents and trainings are looked for.
const DOCUMENT_DAYS: i64 = 90;
const TRAINING_DAYS: i64 = 365;

/// The figures of the partners that are active now. One that cannot be measured is left out.
pub async fn of_active(ctx: &RequestContext) -> Result<BTreeMap<PartnerId, Metrics>> {
    count::catch_up(ctx, None).await?;
    let db = ctx.read();
    let partners = partner_facts(ctx, &Scope::Everybody).await?;
    let tonight = start_of_day(date_in_tokyo(ctx.now) + Days::new(1));
    let accesses = read::last_accesses(db, None, tonight).await?;
    let seen = read::usage(db, None, &Window::before(tonight, TimeDelta::days(DOCUMENT_DAYS))).await?;
    let completers = completers(ctx, tonight).await?;
    let sales = partners::measured::sales_people(db).await?;
    let mut all = BTreeMap::new();
    for partner in partners.iter().filter(|it| it.is_active(ctx.now)) {
        let mut figures = Metrics::new();
        let mut put = |name: &str, figure: i64| _ = figures.insert(name.to_owned(), Decimal::from(figure));
        let last_access = accesses.get(&partner.id).and_then(|it| it.last_access_at);
        if let Some(last_seen) = last_access.or(partner.access_granted_at) {
            let after = KpiSettings::default().silent_after_days;
            put(DAYS_SINCE_ACCESS, silence(last_seen, &BTreeSet::new(), after, ctx.now).days_since);
        }
        put(DAYS_ACTIVE, days_active(partner, ctx.now));
        let used = seen.get(&partner.id).map_or(0, |it| it.document_views + it.downloads);
        put(DOCUMENTS_SEEN, used.into());
        let own = completers.get(&partner.id);
        let count = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
        put(COMPLETERS, count(own.map_or(0, BTreeSet::len)));
        put(SALES_COMPLETERS, count(own.map_or(0, |it| it.intersection(&sales).count())));
        all.insert(partner.id, figures);
    }
    Ok(all)
}

fn days_active(partner: &PartnerFacts, now: DateTime<Utc>) -> i64 {
    let span = partner.active.iter().find(|it| it.covers(now));
    span.map_or(0, |it| calendar_days(it.from, now))
}

async fn completers(
    ctx: &RequestContext,
    until: DateTime<Utc>,
) -> Result<BTreeMap<PartnerId, BTreeSet<PartnerUserId>>> {
    let year = Window::new(until - TimeDelta::days(TRAINING_DAYS), until).map_err(Error::internal)?;
    events::users_of(ctx.read(), Measure::TrainingCompletion, &year).await
}
