//! `[jobs]`: what happens without anyone asking.

use std::time::Duration;

use chrono_tz::Tz;

use super::section::Reading;

/// Whether and how often jobs have their turn.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// Whether this process does jobs at all; one replica that does them is enough.
    pub enabled: bool,
    /// How long a job waits between two turns: what ends at an instant ends at most this much later.
    pub interval: Duration,
    /// By whose clocks schedules go.
    pub time_zone: Tz,
    /// How long a synchronisation whose process died keeps others out.
    pub lease: Duration,
    /// How long runs and their reports are remembered.
    pub keep_runs: Duration,
    /// How long failures that were mended are remembered.
    pub keep_failures: Duration,
    /// How long changes are remembered that a source was told.
    pub keep_changes: Duration,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Default for Jobs {
    fn default() -> Self {
        Self {
            enabled: true,
            interval: Duration::from_secs(30),
            time_zone: chrono_tz::Asia::Tokyo,
            lease: Duration::from_secs(60),
            keep_runs: 90 * DAY,
            keep_failures: 90 * DAY,
            keep_changes: 90 * DAY,
        }
    }
}

impl Jobs {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("jobs");
        let interval = section.or("interval", default.interval);
        if interval < Duration::from_secs(1) {
            section.refuse("interval", "expected 1s or more");
        }
        let lease = section.or("lease", default.lease);
        if lease < Duration::from_secs(10) {
            section.refuse("lease", "expected 10s or more");
        }
        let mut kept = |key: &str, default: Duration| {
            let length = section.or(key, default);
            if length < DAY {
                section.refuse(key, "expected 1d or more");
            }
            length
        };
        let keep_runs = kept("keep_runs", default.keep_runs);
        let keep_failures = kept("keep_failures", default.keep_failures);
        let keep_changes = kept("keep_changes", default.keep_changes);
        Self {
            enabled: section.or("enabled", default.enabled),
            interval,
            time_zone: section.or("time_zone", default.time_zone),
            lease,
            keep_runs,
            keep_failures,
            keep_changes,
        }
    }
}
