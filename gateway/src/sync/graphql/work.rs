//! Working on the error log.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::sync::SyncErrorCategory;
use uuid::Uuid;

use super::errors::{SyncError, SyncErrorFilter};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::sync::failures::which::Which;
use crate::sync::failures::work::{self, Deed, Done, Order, WorkRefusal};

/// Which entries to try again.
#[derive(Debug, InputObject)]
pub struct RetrySyncErrorsInput {
    /// Their ids.
    pub ids: Option<Vec<Uuid>>,
    /// Or what they have in common, at most 10,000.
    pub filter: Option<SyncErrorFilter>,
    /// Only say which entries it would be.
    #[graphql(default)]
    pub dry_run: bool,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Which entries to ignore, and why.
#[derive(Debug, InputObject)]
pub struct IgnoreSyncErrorsInput {
    /// Their ids.
    pub ids: Option<Vec<Uuid>>,
    /// Or what they have in common, at most 10,000.
    pub filter: Option<SyncErrorFilter>,
    /// Why; 1 to 2,000 characters.
    pub reason: String,
    /// Only say which entries it would be.
    #[graphql(default)]
    pub dry_run: bool,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// How many entries of a kind.
#[derive(SimpleObject)]
pub struct SyncErrorCount {
    /// What kind of failure.
    category: SyncErrorCategory,
    /// Label of that in the caller's language.
    label: &'static str,
    /// How many.
    count: u64,
}

/// What was done about entries, or would be.
#[derive(SimpleObject)]
pub struct SyncErrorsPayload {
    /// How many entries.
    count: u64,
    /// The same by kind.
    by_category: Vec<SyncErrorCount>,
    /// The first 50 of them, as they are now; none in the answer to a repeated request.
    errors: Vec<SyncError>,
}

impl SyncErrorsPayload {
    fn of(ctx: &RequestContext, done: Done) -> Self {
        let count = |(category, count): (SyncErrorCategory, u64)| SyncErrorCount {
            category,
            label: category.label(ctx.caller.language),
            count,
        };
        Self {
            count: done.count,
            by_category: done.by_category.into_iter().map(count).collect(),
            errors: done.first.into_iter().map(|row| SyncError::new(ctx, row)).collect(),
        }
    }
}

/// What ids and filter mean together.
fn which(ids: Option<Vec<Uuid>>, filter: Option<SyncErrorFilter>) -> Result<Which> {
    match (ids, filter) {
        (None, None) => Err(WorkRefusal::NothingNamed.into()),
        (Some(ids), _) if ids.is_empty() => Err(WorkRefusal::NothingNamed.into()),
        (ids, filter) => {
            let ids = ids.unwrap_or_default().into_iter().map(Into::into).collect();
            Ok(Which { ids, ..filter.unwrap_or_default().which().of_field("filter")? })
        }
    }
}

/// Working on the error log.
#[derive(Default)]
pub struct SyncMutations;

#[Object]
impl SyncMutations {
    /// Has records tried again as soon as possible, also those that are not tried by themselves. Data stewards,
    /// administrators, and jobs for the sources that their token names.
    async fn retry_sync_errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] input: RetrySyncErrorsInput,
    ) -> Result<Payload<SyncErrorsPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let which = which(input.ids, input.filter)?;
            let order = Order { which, deed: Deed::Retry, is_dry_run: input.dry_run };
            let done = work::work(ctx, input.idempotency_key.as_deref(), order).await?;
            Ok(SyncErrorsPayload::of(ctx, done))
        })
        .await
    }

    /// Ignores failures: the records are not tried again, and the log does not show them any more unless it is asked to.
    /// They come back by themselves when their record changes in its source and can be taken in.
    async fn ignore_sync_errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries, and why.")] input: IgnoreSyncErrorsInput,
    ) -> Result<Payload<SyncErrorsPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let deed = Deed::Ignore(input.reason.parse().of_field("reason")?);
            let order = Order { which: which(input.ids, input.filter)?, deed, is_dry_run: input.dry_run };
            let done = work::work(ctx, input.idempotency_key.as_deref(), order).await?;
            Ok(SyncErrorsPayload::of(ctx, done))
        })
        .await
    }
}
