//! When the demo was begun, and which customers of its CRM its deals are about: kept in its folder, so that the next start
//! enters the same again.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::calendar::{at_time, date_in_tokyo};
use domain::ids::GoldenId;
use entity::accounts::golden_account as account;
use entity::leads::golden_lead as lead;
use entity::opportunities::golden_opportunity as opportunity;
use sea_orm::sea_query::{Condition, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::platform::auth::Caller;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::startup::Services;

const FILE: &str = "channel.json";

/// Customers that nobody works yet.
const FREE: u64 = 40;
/// Deals that were closed, of each kind.
const CLOSED: u64 = 2;
/// More than a year, of which the log tells.
const SINCE: u64 = 380;

/// As far back as channels went that earlier versions began.
fn before_there_was_a_log() -> u64 {
    200
}

/// What the demo's channel was begun with.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Beginning {
    began_on: NaiveDate,
    /// Since when the channel has been there, in days before it was begun here.
    #[serde(default = "before_there_was_a_log")]
    pub(super) since: u64,
    /// Customers that nobody works.
    pub(super) free: Vec<Customer>,
    /// A customer that direct sales talks with.
    pub(super) contested: Option<Customer>,
    /// Opportunities that were won.
    pub(super) won: Vec<GoldenId>,
    /// Opportunities that were lost.
    pub(super) lost: Vec<GoldenId>,
}

/// A customer as a partner would name it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Customer {
    pub(super) account: GoldenId,
    pub(super) name: String,
    pub(super) corporate_number: Option<String>,
}

impl Beginning {
    /// What the folder remembers; a new folder begins today.
    pub(super) async fn load_or_make(services: &Services, folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged; delete the folder to begin anew", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let beginning = Self::now(&services.context_of("demo")).await?;
                fs::write(&path, serde_json::to_vec(&beginning)?)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                Ok(beginning)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    async fn now(ctx: &RequestContext) -> Result<Self> {
        let is_talked_with = account::Column::Id.in_subquery(customers_of_direct_sales());
        let free = Condition::all()
            .add(account::Column::Id.not_in_subquery(customers_of_direct_sales()))
            .add(account::Column::Id.not_in_subquery(customers_of_leads()));
        let contested = Condition::all()
            .add(is_talked_with)
            .add(account::Column::Id.not_in_subquery(customers_of_leads()));
        Ok(Self {
            began_on: date_in_tokyo(ctx.now),
            since: SINCE,
            free: customers(ctx, free, FREE).await?,
            contested: customers(ctx, contested, 1).await?.pop(),
            won: closed(ctx, true).await?,
            lost: closed(ctx, false).await?,
        })
    }

    /// The date so many days before the beginning.
    pub(super) fn days_ago(&self, days: u64) -> NaiveDate {
        self.began_on - Days::new(days)
    }

    /// As many days, as far as the channel was there.
    pub(super) fn within(&self, days: u64) -> u64 {
        days.min(self.since)
    }

    /// So many minutes past ten in the morning of a day before the beginning.
    pub(super) fn at(&self, days_ago: u64, minutes: i64) -> DateTime<Utc> {
        at_time(self.days_ago(days_ago), OPENING) + TimeDelta::minutes(minutes)
    }

    /// A request at ten in the morning of a day before the beginning, and some minutes later.
    pub(super) fn context(
        &self,
        services: &Services,
        (days_ago, minutes): (u64, i64),
        caller: Caller,
    ) -> RequestContext {
        let then = Services { clock: Clock::standing_at(self.at(days_ago, minutes)), ..services.clone() };
        let mut ctx = then.context_of("demo");
        ctx.caller = caller;
        ctx
    }
}

const OPENING: chrono::NaiveTime = chrono::NaiveTime::from_hms_opt(10, 0, 0).expect("a time of day");

async fn customers(ctx: &RequestContext, condition: Condition, most: u64) -> Result<Vec<Customer>> {
    let rows = account::Entity::find()
        .filter(condition)
        .filter(account::Column::RedirectTo.is_null())
        .filter(account::Column::CorporateNumber.is_not_null())
        .filter(account::Column::Name.is_not_null())
        .order_by_asc(account::Column::Id)
        .limit(most);
    let customer = |it: account::Model| Customer {
        account: it.id,
        name: it.name.unwrap_or_default(),
        corporate_number: it.corporate_number,
    };
    Ok(rows.all(ctx.read()).await?.into_iter().map(customer).collect())
}

async fn closed(ctx: &RequestContext, is_won: bool) -> Result<Vec<GoldenId>> {
    use opportunity::Column;
    let closed = opportunity::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::IsClosed.eq(true))
        .filter(Column::IsWon.eq(is_won))
        .filter(Column::RedirectTo.is_null())
        .order_by_asc(Column::Id)
        .limit(CLOSED);
    Ok(closed.into_tuple().all(ctx.read()).await?)
}

fn customers_of_direct_sales() -> SelectStatement {
    use opportunity::Column;
    Query::select()
        .column(Column::AccountId)
        .from(opportunity::Entity)
        .and_where(Column::AccountId.is_not_null())
        .and_where(Column::IsClosed.eq(false))
        .take()
}

fn customers_of_leads() -> SelectStatement {
    use lead::Column;
    Query::select()
        .column(Column::AccountId)
        .from(lead::Entity)
        .and_where(Column::AccountId.is_not_null())
        .take()
}
