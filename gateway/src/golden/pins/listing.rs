//! Which pins and locks there are.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::holds::HoldKind;
use entity::golden::hold::{Column, Entity};
use sea_orm::sea_query::{Condition, IntoCondition};
use sea_orm::{ColumnTrait, QueryFilter, Select};

use super::store;
use crate::error::Result;
use crate::golden::loader::RecordRef;
use crate::golden::visible;
use crate::platform::context::RequestContext;
use crate::platform::graphql::filter::all_of;

/// Which pins and locks are wanted; all conditions that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Pins, or locks.
    pub hold: Option<HoldKind>,
    /// What their records describe.
    pub kind: Option<RecordKind>,
    /// Those of this record, by an id it has or had.
    pub record: Option<RecordRef>,
    /// Those that this subject made.
    pub by: Option<String>,
    /// Those that count now, or those that do not any more.
    pub counts: Option<bool>,
    /// Those that end by themselves before this instant.
    pub ends_before: Option<DateTime<Utc>>,
}

/// The pins and locks of records that the caller sees; staff only, as they are everywhere.
pub async fn listed(ctx: &RequestContext, wanted: Wanted) -> Result<Select<Entity>> {
    ctx.caller.require(Permission::ReadSources)?;
    let record = match wanted.record {
        None => None,
        Some(record) => {
            let today = visible::today(ctx.read(), &ctx.caller, record).await?.unwrap_or(record.id);
            let of_kind = Condition::all().add(Column::Kind.eq(record.kind));
            Some(of_kind.add(Column::GoldenId.is_in([today, record.id])))
        }
    };
    let counts = |counts: bool| match counts {
        true => store::counts_at(ctx.now),
        false => store::counts_at(ctx.now).not(),
    };
    Ok(store::visible_to(&ctx.caller).filter(all_of([
        wanted.hold.map(|it| Column::Hold.eq(it).into_condition()),
        wanted.kind.map(|it| Column::Kind.eq(it).into_condition()),
        record,
        wanted.by.map(|it| Column::HeldBy.eq(it).into_condition()),
        wanted.counts.map(counts),
        wanted.ends_before.map(|it| Column::Until.lt(it).into_condition()),
    ])))
}
