//! Asking as of another time, in the API.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use domain::access::Permission;
use mastering::history::AsOf;

use crate::error::{Refusal, Result};
use crate::platform::context::RequestContext;

/// As of when a question is asked: what was known at one instant of how things stood at another. Staff only.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct AsOfInput {
    /// By this system's clock: what was read, merged, pinned or activated later is not known yet. Now when left out.
    recorded_at: Option<DateTime<Utc>>,
    /// By the clocks of sources and people: what took effect later has not happened yet. As `recordedAt` when left out.
    effective_at: Option<DateTime<Utc>>,
}

/// Why something cannot be shown as of another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AsOfRefusal {
    /// Nothing is known of the future.
    #[error("`asOf` lies in the future; pass an instant that has been, or leave it out for now")]
    AsOfInFuture,
    /// Other orders would need every record of the time at once.
    #[error("records of the past come in the order of their creation; pass `orderBy: CREATED_DESC`")]
    AsOfOrder,
    /// Counting would need every record of the time at once.
    #[error("records of the past are not counted; leave `totalCount` out and follow `pageInfo`")]
    AsOfNotCounted,
    /// What pointed here then may point elsewhere now.
    #[error(
        "the records around this one are not listed as of the past; list them themselves with `asOf` and a filter by this id"
    )]
    AsOfEdge,
}

impl Refusal for AsOfRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

impl AsOfInput {
    /// The instants, if the caller may look back.
    ///
    /// Partners may not: rows were assigned otherwise then, and what a partner sees follows from what it works on now.
    pub fn understood(&self, ctx: &RequestContext) -> Result<AsOf> {
        ctx.caller.require(Permission::ReadHistory)?;
        let recorded_at = self.recorded_at.unwrap_or(ctx.now);
        let effective_at = self.effective_at.unwrap_or(recorded_at);
        if recorded_at.max(effective_at) > ctx.now {
            return Err(AsOfRefusal::AsOfInFuture.into());
        }
        Ok(AsOf { recorded_at, effective_at })
    }
}

/// Refuses to list what is around a record of the past.
pub fn refuse_past(as_of: Option<AsOf>) -> Result<()> {
    match as_of {
        Some(_) => Err(AsOfRefusal::AsOfEdge.into()),
        None => Ok(()),
    }
}
