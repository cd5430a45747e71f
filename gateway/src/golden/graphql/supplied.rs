//! What a partner supplied itself: of that it is told the source, of everything else nothing.

use std::collections::BTreeSet;

use domain::fields::Field;
use domain::sources::SourceSystem;
use futures::future::try_join_all;
use mastering::golden_record::{GoldenRecord, Settlement};

use crate::error::Result;
use crate::golden::loader::SupplierOf;
use crate::platform::context::RequestContext;

/// The fields whose served values people of the caller's partner entered here.
pub(super) async fn supplied_by_caller(
    ctx: &RequestContext,
    golden: &GoldenRecord,
) -> Result<BTreeSet<Field>> {
    let Some(partner) = ctx.caller.partner else { return Ok(BTreeSet::new()) };
    let batch = ctx.batch::<SupplierOf>();
    let entered = golden.settlements().filter(|(_, it)| is_entered(it));
    let suppliers = entered.map(|(field, it)| {
        let supplier = batch.get(ctx, it.origin.sequence);
        async move { supplier.await.map(|it| (field, it)) }
    });
    let suppliers = try_join_all(suppliers).await?;
    let own = suppliers.into_iter().filter(|(_, supplier)| *supplier == Some(partner));
    Ok(own.map(|(field, _)| field).collect())
}

/// Whether the value was entered here; a pinned one was, but not by a partner.
fn is_entered(settlement: &Settlement) -> bool {
    settlement.hold().is_none() && settlement.source().is_some_and(|it| it.system == SourceSystem::own())
}
