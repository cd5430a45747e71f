//! Whose turn it is to read a source: one run at a time, in whatever process.
//!
//! Here: the lease in the store, which ends by itself when its holder dies. A holder that only slept is found out: each of
//! its transactions checks that its run still stands (`page`), and whoever takes the lease ends that run.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::SyncRunId;
use domain::sources::SourceSystem;
use entity::sync::sync_lease::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::error::Result;

/// How to come by the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Claim {
    /// When nobody has it.
    #[default]
    WhenFree,
    /// Even from a run that still lives; it stops at its next page.
    TakeOver,
}

/// Who asks for the lease, and for how long.
#[derive(Debug, Clone)]
pub struct Holder {
    /// By which people find the process.
    pub name: String,
    /// How long a holder that died keeps the others out.
    pub ttl: TimeDelta,
}

impl Default for Holder {
    fn default() -> Self {
        Self { name: this_process(), ttl: TimeDelta::seconds(60) }
    }
}

/// Somebody else has the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The source.
    pub system: SourceSystem,
    /// Who has it.
    pub holder: String,
    /// For which run.
    pub run: SyncRunId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it ends, unless it is renewed.
    pub until: DateTime<Utc>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system, holder, run, since, until } = self;
        let (since, until) = (since.format("%F %TZ"), until.format("%F %TZ"));
        write!(
            f,
            "{system} is being read by {holder} since {since} (run {run}); if that process has died, its turn ends at {until}"
        )
    }
}

/// The machine and the process, such as `gateway-0, process 17`.
fn this_process() -> String {
    let host =
        std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    let host =
        host.as_deref().map(str::trim).filter(|it| !it.is_empty()).unwrap_or("this machine").to_owned();
    format!("{host}, process {}", std::process::id())
}

/// Takes the lease for a run, in the transaction that begins it; gives its token, greater than all before it.
pub(super) async fn take(
    txn: &impl ConnectionTrait,
    (system, run): (&SourceSystem, SyncRunId),
    holder: &Holder,
    claim: Claim,
    now: DateTime<Utc>,
) -> Result<std::result::Result<i64, Held>> {
    make(txn, system, now).await?;
    let free = Condition::any().add(Column::ExpiresAt.lte(now));
    let taken = Entity::update_many()
        .col_expr(Column::RunId, Expr::value(run))
        .col_expr(Column::Holder, Expr::value(holder.name.as_str()))
        .col_expr(Column::Token, Expr::col(Column::Token).add(1))
        .col_expr(Column::AcquiredAt, Expr::value(now))
        .col_expr(Column::ExpiresAt, Expr::value(now + holder.ttl))
        .filter(Column::System.eq(system.clone()))
        .filter(if claim == Claim::TakeOver { Condition::all() } else { free })
        .exec(txn)
        .await?;
    let row = Entity::find_by_id(system.clone()).one(txn).await?.expect("it was just made");
    Ok(if taken.rows_affected == 1 { Ok(row.token) } else { Err(row.into()) })
}

/// A row to lock, which nobody has.
async fn make(txn: &impl ConnectionTrait, system: &SourceSystem, now: DateTime<Utc>) -> Result<()> {
    let free = Model {
        system: system.clone(),
        run_id: SyncRunId(uuid::Uuid::nil()),
        holder: String::new(),
        token: 0,
        acquired_at: now,
        expires_at: now,
    };
    let once = OnConflict::column(Column::System).do_nothing().to_owned();
    Entity::insert(free.into_active_model()).on_conflict(once).exec_without_returning(txn).await?;
    Ok(())
}

/// Holds the lease for another while; false when somebody has taken it.
pub(super) async fn renew(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    token: i64,
    until: DateTime<Utc>,
) -> Result<bool> {
    let renewed = Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(until))
        .filter(Column::System.eq(system.clone()))
        .filter(Column::Token.eq(token))
        .exec(db)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Who has the lease of each source now.
pub async fn holders(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Held>> {
    let held = Entity::find().filter(Column::ExpiresAt.gt(now)).all(db).await?;
    Ok(held.into_iter().map(Held::from).collect())
}

impl From<Model> for Held {
    fn from(row: Model) -> Self {
        Self {
            system: row.system,
            holder: row.holder,
            run: row.run_id,
            since: row.acquired_at,
            until: row.expires_at,
        }
    }
}
