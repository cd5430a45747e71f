//! What happens to contracts without anyone asking: they follow their dates, and somebody is reminded of their ends.
//!
//! One transaction for each contract, which is read again under its lock: another replica may have been faster. One that
//! fails does not keep the others waiting.

use chrono::{Days, NaiveDate};
use domain::alerts::Urgency;
use domain::calendar::{Calendar, date_in_tokyo};
use domain::contracts::ContractStatus;
use domain::ids::ContractId;
use domain::lifecycle::ContractWindows;
use domain::notifications::NotificationTopic;
use entity::contracts::contract::Model;
use entity::contracts::contract_reminder;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::agreement::term;
use super::service::note;
use super::{dates, store};
use crate::error::{Error, Result};
use crate::notifications::service::{News, Recipient};
use crate::platform::context::RequestContext;
use crate::policies::lifecycle;
use crate::{notifications, partners};

/// Name of the job that follows the dates.
pub const FOLLOW_DATES: &str = "contracts.follow_dates";
/// Name of the job that reminds.
pub const REMIND: &str = "contracts.remind";

/// No row of days without work is longer.
const LONGEST_REST: u64 = 31;

/// Begins, ends, expires and renews what has come to it.
pub async fn follow_dates(ctx: &RequestContext) -> Result<()> {
    let mut outcome = Ok(());
    for id in store::with_news(ctx.read(), date_in_tokyo(ctx.now)).await? {
        outcome = outcome.and(logged(follow(ctx, id).await));
    }
    outcome
}

async fn follow(ctx: &RequestContext, id: ContractId) -> Result<()> {
    let txn = ctx.begin().await?;
    if let Some(contract) = store::lock(&txn, &ctx.caller, id).await? {
        dates::follow(&txn, ctx, contract).await?;
    }
    Ok(txn.commit().await?)
}

/// Raises the reminders whose day has come. Of several that were missed only the latest is raised.
pub async fn remind(ctx: &RequestContext) -> Result<()> {
    let (today, windows) = (date_in_tokyo(ctx.now), lifecycle(ctx.read(), ctx).await?.contracts.clone());
    let longest = windows.reminder_days.iter().max().copied().unwrap_or_default();
    let until = today + Days::new(u64::from(longest) + LONGEST_REST);
    let ending = store::ending(ctx.read(), today, until).await?;
    let raised = store::reminders(ctx.read(), &ending.iter().map(|it| it.id).collect::<Vec<_>>()).await?;
    let is_raised = |id: ContractId, due: NaiveDate| {
        raised.get(&id).is_some_and(|all| all.iter().any(|it| it.due_on == due))
    };
    let calendar = ctx.shared::<Calendar>();
    let mut outcome = Ok(());
    for contract in &ending {
        let done = match due(contract, &calendar, &windows, today) {
            Ok(Some(date)) if !is_raised(contract.id, date) => raise(ctx, contract.id, date).await,
            other => other.map(drop),
        };
        outcome = outcome.and(logged(done));
    }
    outcome
}

/// The latest day of a reminder that has come, unless the end is settled.
fn due(
    contract: &Model,
    calendar: &Calendar,
    windows: &ContractWindows,
    today: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let is_settled = contract.notice_given_on.is_some() || contract.terminated_on.is_some();
    let days = match term(contract)?.reminders(calendar, windows) {
        Ok(days) => days,
        // Nobody is reminded on a day that may be a holiday: it waits for the years that are missing.
        Err(ends) => {
            let (contract, refusal) = (contract.id, Error::from(ends));
            tracing::warn!(contract.id = %contract, code = refusal.code(), %refusal, "a reminder waits");
            return Ok(None);
        }
    };
    Ok(days.into_iter().rfind(|it| *it <= today).filter(|_| !is_settled))
}

async fn raise(ctx: &RequestContext, id: ContractId, due_on: NaiveDate) -> Result<()> {
    let txn = ctx.begin().await?;
    let Some(contract) = store::lock(&txn, &ctx.caller, id).await? else { return Ok(()) };
    let key = (contract.id, due_on);
    let is_new = contract_reminder::Entity::find_by_id(key).one(&txn).await?.is_none();
    if is_new && contract.status == ContractStatus::InForce {
        let reminder = contract_reminder::Model {
            contract_id: contract.id,
            due_on,
            raised_at: ctx.now,
            acknowledged_at: None,
            acknowledged_by: None,
        };
        reminder.into_active_model().insert(&txn).await?;
        note(&txn, ctx, REMIND, &contract).await?;
        tell(&txn, ctx, &contract, due_on).await?;
    }
    Ok(txn.commit().await?)
}

/// Tells the vendor's people of a notice deadline that comes near.
async fn tell(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    contract: &Model,
    due_on: NaiveDate,
) -> Result<()> {
    let versions = store::versions(txn, &[contract.id]).await?.remove(&contract.id).unwrap_or_default();
    let partner = partners::service::find_in(txn, ctx, contract.partner_id).await?;
    let news = News {
        topic: NotificationTopic::ContractReminder,
        occasion: format!("{} {due_on}", contract.id),
        urgency: Urgency::Normal,
        details: json!({
            "number": contract.number,
            "partner": partner.map(|it| it.legal_name).unwrap_or_default(),
            "deadline": contract.notice_deadline,
            "endDate": contract.end_date,
            "autoRenew": dates::in_effect(&versions, contract.end_date).auto_renew,
        }),
    };
    notifications::service::tell(txn, ctx, &[Recipient::Staff], &news).await
}

/// The first failure is the job's; those after it are told here.
fn logged(done: Result<()>) -> Result<()> {
    if let Err(error) = &done {
        tracing::warn!(code = error.code(), "a contract is left for the next turn");
    }
    done
}
