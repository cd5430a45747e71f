//! `[jobs]`: what happens without anyone asking.

use std::time::Duration;

use super::section::Reading;

/// Whether and how often jobs have their turn.
#[derive(Debug, Clone)]
pub struct Jobs {
    /// Whether this process does jobs at all; one replica that does them is enough.
    pub enabled: bool,
    /// How long a job waits between two turns: what ends at an instant ends at most this much later.
    pub interval: Duration,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { enabled: true, interval: Duration::from_secs(30) }
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
        Self { enabled: section.or("enabled", default.enabled), interval }
    }
}
