//! The log by months: PostgreSQL keeps each in a partition of its own, by the clocks of Tokyo, as figures are counted.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};
use domain::calendar::date_in_tokyo;
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use crate::platform::database::{Database, take_turn};

/// A month, by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(NaiveDate);

impl Month {
    /// The month of an instant.
    pub(super) fn of(at: DateTime<Utc>) -> Self {
        Self(date_in_tokyo(at).with_day(1).expect("every month has a first day"))
    }

    fn next(self) -> Self {
        Self(self.0 + Months::new(1))
    }

    /// A statement that makes its partition. A partition that is there is not touched, nor waited for.
    fn partition(self) -> String {
        let (from, until, name) = (self.0, self.next().0, self.0.format("%Y_%m"));
        format!(
            "CREATE TABLE IF NOT EXISTS engagement_events_{name} PARTITION OF engagement_events \
             FOR VALUES FROM ('{from} 00:00:00+09') TO ('{until} 00:00:00+09')"
        )
    }
}

/// Makes the partitions of these months, and the next one of each, so that a month that begins finds its own. SQLite has one
/// table.
pub(super) async fn prepare(database: &Database, months: &BTreeSet<Month>) -> Result<(), DbErr> {
    if database.read().get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let txn = database.begin_write().await?;
    take_turn(&txn, "engagement.months").await?;
    let wanted: BTreeSet<Month> = months.iter().flat_map(|it| [*it, it.next()]).collect();
    for month in wanted {
        txn.execute_unprepared(&month.partition()).await?;
    }
    txn.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_tokyo() {
        let at = |text: &str| Month::of(text.parse().unwrap());
        assert_eq!(at("2026-11-30T14:59:59Z"), at("2026-11-01T00:00:00Z"));
        assert_eq!(at("2026-11-30T15:00:00Z"), at("2026-12-15T00:00:00Z"));
        let partition = at("2026-12-15T00:00:00Z").partition();
        assert!(partition.contains("engagement_events_2026_12 "), "{partition}");
        assert!(
            partition.contains("FROM ('2026-12-01 00:00:00+09') TO ('2027-01-01 00:00:00+09')"),
            "{partition}"
        );
    }
}
