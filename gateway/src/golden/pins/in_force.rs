//! The holds of golden records as `mastering` knows them: those in force now, and those that were in force once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::GoldenId;
use entity::golden::hold::Model;
use mastering::history::timeline::DatedHold;
use mastering::survivorship::holds::{Hold, Holds, Kept};
use sea_orm::ConnectionTrait;

use super::book::Book;
use super::store;
use crate::error::{Error, Result};

/// The holds in force now, by golden record. One whose time is over does not count, whether or not its end was worked
/// already.
pub async fn holds_of(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<HashMap<GoldenId, Holds>> {
    by_golden(&store::in_force(db, goldens, now).await?)
}

/// The holds that were in force at an instant, by the golden record that had them then.
pub async fn holds_at(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
    at: DateTime<Utc>,
) -> Result<HashMap<GoldenId, Holds>> {
    by_golden(&store::in_force_at(db, goldens, at).await?)
}

/// Every hold that a golden record ever had, from when to when it held there.
pub async fn holds_over_time(db: &impl ConnectionTrait, golden: GoldenId) -> Result<Vec<DatedHold>> {
    let dated = |row: &Model| {
        let until = [row.until, row.ended_at].into_iter().flatten().min();
        Ok(DatedHold { hold: hold(row)?, since: row.since, until })
    };
    store::ever(db, &[golden]).await?.iter().map(dated).collect()
}

/// The holds in force of golden records that are settled now.
pub(in crate::golden) struct InForce {
    pub(super) rows: Vec<Model>,
    holds: HashMap<GoldenId, Holds>,
    none: Holds,
}

impl InForce {
    /// Reads them.
    pub(in crate::golden) async fn read(
        db: &impl ConnectionTrait,
        goldens: &[GoldenId],
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let rows = store::in_force(db, goldens, now).await?;
        Ok(Self { holds: by_golden(&rows)?, rows, none: Holds::default() })
    }

    /// Reads them as they will be when what is in the book has been written.
    pub(in crate::golden) async fn foresee(
        db: &impl ConnectionTrait,
        goldens: &[GoldenId],
        now: DateTime<Utc>,
        book: &Book,
    ) -> Result<Self> {
        let rows = book.in_force(goldens, store::in_force(db, goldens, now).await?);
        Ok(Self { holds: by_golden(&rows)?, rows, none: Holds::default() })
    }

    /// Those of one golden record.
    pub(in crate::golden) fn of(&self, golden: GoldenId) -> &Holds {
        self.holds.get(&golden).unwrap_or(&self.none)
    }
}

fn by_golden(rows: &[Model]) -> Result<HashMap<GoldenId, Holds>> {
    let mut holds: HashMap<GoldenId, Vec<Hold>> = HashMap::new();
    for row in rows {
        holds.entry(row.golden_id).or_default().push(hold(row)?);
    }
    Ok(holds.into_iter().map(|(golden, holds)| (golden, Holds::new(holds))).collect())
}

fn hold(row: &Model) -> Result<Hold> {
    Ok(Hold {
        id: row.first_id(),
        kind: row.hold,
        field: row.kind.field(&row.field).map_err(Error::internal)?,
        at: row.held_at,
        kept: kept(row)?,
    })
}

/// What a hold keeps.
pub(super) fn kept(row: &Model) -> Result<Kept> {
    Kept::from_json(row.kind, &row.kept).map_err(Error::internal)
}
