//! What time does to certifications: whoever's is over is told so, once. That it is over needs no job.

use domain::alerts::Urgency;
use domain::ids::CertificationId;
use domain::notifications::NotificationTopic;
use entity::training::certification::Model;
use serde_json::json;

use super::store;
use crate::error::Result;
use crate::notifications::service::{News, tell};
use crate::partners;
use crate::platform::context::RequestContext;

/// Name of the job.
pub const JOB: &str = "training.due";

/// Certifications read at once.
const BATCH: u64 = 200;

/// Tells of every certification that is over. What fails is left for the next turn.
pub async fn do_due(ctx: &RequestContext) -> Result<()> {
    let mut outcome = Ok(());
    while outcome.is_ok() {
        let over = store::over(ctx.read(), ctx.now, BATCH).await?;
        if over.is_empty() {
            break;
        }
        for id in over {
            outcome = outcome.and(tell_one(ctx, id).await);
        }
    }
    outcome
}

async fn tell_one(ctx: &RequestContext, id: CertificationId) -> Result<()> {
    let txn = ctx.begin().await?;
    let Some(row) = store::lock_certification(&txn, id).await?.filter(|it| it.told_at.is_none()) else {
        return Ok(());
    };
    let course = store::course(&txn, row.course_id).await?.map(|it| it.title_ja).unwrap_or_default();
    let people = partners::users::told(&txn, row.partner_id, Some(row.partner_user_id)).await?;
    let news = News {
        topic: NotificationTopic::CertificationOver,
        occasion: format!("{id}/{}", row.renewed_at),
        urgency: Urgency::Normal,
        details: json!({ "course": course }),
    };
    tell(&txn, ctx, &people, &news).await?;
    store::replace_certification(&txn, Model { told_at: Some(ctx.now), ..row }).await?;
    Ok(txn.commit().await?)
}
