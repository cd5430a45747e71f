//! How recent the facts from a CRM are: nothing is clear on stale data.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is known of one system's data at the instant of judging.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceReading {
    /// Code of the system.
    pub system: String,
    /// Everything changed there before this instant has been read.
    pub watermark: DateTime<Utc>,
    /// When the account itself was looked up, if it was and the system answered.
    pub looked_up_at: Option<DateTime<Utc>>,
}

impl SourceReading {
    /// Whether the data is at most `age` old: the watermark, or else the look-up of the account.
    pub fn is_fresh(&self, now: DateTime<Utc>, age: TimeDelta) -> bool {
        let read_at = self.looked_up_at.map_or(self.watermark, |it| it.max(self.watermark));
        now - read_at <= age
    }
}

/// Whether a verdict may rest on these readings. Without any, nobody was asked.
pub(super) fn are_fresh(readings: &[SourceReading], now: DateTime<Utc>, age: TimeDelta) -> bool {
    !readings.is_empty() && readings.iter().all(|it| it.is_fresh(now, age))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(watermark_minutes: i64, looked_up_minutes: Option<i64>, is_fresh: bool) {
        let now: DateTime<Utc> = "2026-04-06T01:00:00Z".parse().unwrap();
        let ago = |minutes| now - TimeDelta::minutes(minutes);
        let reading = SourceReading {
            system: "CRM".to_owned(),
            watermark: ago(watermark_minutes),
            looked_up_at: looked_up_minutes.map(ago),
        };
        assert_eq!(are_fresh(&[reading], now, TimeDelta::minutes(15)), is_fresh);
    }

    #[test]
    fn a_watermark_of_a_quarter_of_an_hour_is_fresh_enough() {
        check(15, None, true);
        check(16, None, false);
    }

    #[test]
    fn a_look_up_replaces_an_old_watermark() {
        check(600, Some(0), true);
        check(600, Some(20), false);
    }

    #[test]
    fn without_a_reading_nothing_is_fresh() {
        assert!(!are_fresh(&[], DateTime::UNIX_EPOCH, TimeDelta::minutes(15)));
    }
}
