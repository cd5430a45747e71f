//! What happens to assignments without anyone asking: partners are told of them, and events take them further.
//!
//! Each is a transaction of its own that locks what it changes: two replicas do a thing once.

use domain::alerts::Urgency;
use domain::ids::PartnerId;
use domain::notifications::NotificationTopic;
use entity::enablement::support_assignment::Model;
use serde_json::json;

use super::{progress, store};
use crate::error::Result;
use crate::notifications::service::{News, tell};
use crate::partners;
use crate::platform::context::RequestContext;

/// Name of the job.
pub const JOB: &str = "enablement.due";

/// Of each kind of work read at once.
const BATCH: u64 = 200;
/// Titles that one message names.
const NAMED: usize = 20;

/// Does all that is due now. What fails is left for the next turn, and keeps nothing else waiting.
pub async fn do_due(ctx: &RequestContext) -> Result<()> {
    let told = tell_all(ctx).await;
    let reckoned = reckon_all(ctx).await;
    told.and(reckoned)
}

async fn reckon_all(ctx: &RequestContext) -> Result<()> {
    let mut outcome = Ok(());
    while outcome.is_ok() {
        let stale = store::stale(ctx.read(), BATCH).await?;
        if stale.is_empty() {
            break;
        }
        for id in stale {
            outcome = outcome.and(progress::reckon(ctx, id).await);
        }
    }
    outcome
}

async fn tell_all(ctx: &RequestContext) -> Result<()> {
    let (mut outcome, mut after) = (Ok(()), None);
    loop {
        let partners = store::untold(ctx.read(), after, BATCH).await?;
        let Some(last) = partners.last() else { return outcome };
        after = Some(*last);
        for partner in partners {
            outcome = outcome.and(tell_one(ctx, partner).await);
        }
    }
}

/// Tells a partner of everything that it was given since it was last told. One without people waits until it has some.
async fn tell_one(ctx: &RequestContext, partner: PartnerId) -> Result<()> {
    let txn = ctx.begin().await?;
    let people = partners::users::everybody(&txn, partner).await?;
    let given = store::lock_untold(&txn, partner).await?;
    let Some(first) = given.first().filter(|_| !people.is_empty()) else { return Ok(()) };
    let versions: Vec<_> = given.iter().take(NAMED).map(|it| it.asset_version_id).collect();
    let news = News {
        topic: NotificationTopic::SupportAssigned,
        occasion: first.id.to_string(),
        urgency: Urgency::Normal,
        details: json!({
            "titles": store::titles(&txn, &versions).await?.join("、"),
            "more": given.len().saturating_sub(NAMED),
        }),
    };
    tell(&txn, ctx, &people, &news).await?;
    for row in given {
        store::replace_assignment(&txn, Model { delivered_at: Some(ctx.now), ..row }).await?;
    }
    Ok(txn.commit().await?)
}
