//! What events make of an assignment: opened by the first deed, consumed when the criterion of its kind is met.
//!
//! Reckoned anew from all deeds each time, so that events may come late, in any order and by any replica.

use domain::enablement::{Assignment, Consumption, ConsumptionSettings};
use domain::ids::AssignmentId;
use entity::enablement::support_assignment::Model;
use sea_orm::DatabaseTransaction;

use super::assigning::fact;
use super::store;
use crate::engagement;
use crate::error::Result;
use crate::platform::context::RequestContext;

/// Reckons one assignment of which events have come.
pub(super) async fn reckon(ctx: &RequestContext, id: AssignmentId) -> Result<()> {
    let txn = ctx.begin().await?;
    let Some(row) = store::lock_assignment(&txn, id).await?.filter(|it| it.stale_since.is_some()) else {
        return Ok(());
    };
    let reached = reached(&txn, &row).await?;
    let row =
        Model { opened_at: reached.opened_at, consumed_at: reached.consumed_at, stale_since: None, ..row };
    store::replace_assignment(&txn, row).await?;
    Ok(txn.commit().await?)
}

async fn reached(txn: &DatabaseTransaction, row: &Model) -> Result<Assignment> {
    let mut assignment = Assignment { opened_at: None, consumed_at: None, ..fact(row) };
    let Some((_, asset)) = store::version(txn, row.asset_version_id).await? else { return Ok(assignment) };
    let of = (row.partner_id, row.asset_version_id);
    let (mut consumption, settings) = (Consumption::default(), ConsumptionSettings::default());
    for (at, deed) in engagement::service::deeds(txn, of, row.assigned_at).await? {
        let is_consumed = consumption.add(asset.kind, deed, &settings);
        // What came after it was taken back counts for nothing; what came before it does.
        if assignment.engage(at, is_consumed).is_err() {
            break;
        }
    }
    Ok(assignment)
}
