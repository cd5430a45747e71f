//! What happens to territories without anyone asking: exclusive ones that come to overlap are told.
//!
//! None is assigned over another, but accounts that they name may become one. What follows is for people to decide.

use domain::alerts::Urgency;
use domain::calendar::date_in_tokyo;
use domain::notifications::NotificationTopic;
use domain::territories::TerritoryAssignment;
use serde_json::json;

use super::store;
use crate::error::Result;
use crate::notifications::service::{News, Recipient};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::{notifications, partners};

/// Name of the job.
pub const JOB: &str = "territories.overlaps";

/// Tells of exclusive territories of different partners that overlap from today on; of each two once.
pub async fn tell_overlaps(ctx: &RequestContext) -> Result<()> {
    let rows = store::exclusive_during(ctx.read(), date_in_tokyo(ctx.now), None).await?;
    let territories = store::for_rules(ctx.read(), rows.clone()).await?;
    // Only what names accounts can come to overlap.
    let known: Vec<_> =
        rows.iter().zip(&territories).filter(|(_, it)| !it.named_accounts.is_empty()).collect();
    for (place, (row, one)) in known.iter().enumerate() {
        for (other_row, other) in known[..place].iter().filter(|(_, it)| is_contradiction(one, it)) {
            let names = partners::service::names(ctx.read(), [one.partner, other.partner]).await?;
            let ids = [other_row.id, row.id].map(|it| NodeId::encode(NodeType::TerritoryAssignment, it).0);
            let news = News {
                topic: NotificationTopic::TerritoryOverlap,
                occasion: ids.join(" "),
                urgency: Urgency::Normal,
                details: json!({
                    "one": names.get(&other.partner), "other": names.get(&one.partner), "territories": ids.join(", "),
                }),
            };
            let txn = ctx.begin().await?;
            notifications::service::tell(&txn, ctx, &[Recipient::Staff], &news).await?;
            txn.commit().await?;
        }
    }
    Ok(())
}

fn is_contradiction(one: &TerritoryAssignment, other: &TerritoryAssignment) -> bool {
    one.partner != other.partner && one.overlaps(other)
}
