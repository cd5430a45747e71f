//! Time in tests: it stands still until a test lets some pass.

use chrono::{DateTime, TimeDelta, Utc};

use super::TestGateway;

/// When every test begins.
pub const START: &str = "2026-06-01T00:00:00Z";

/// An instant as text.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant such as 2026-06-01T00:00:00Z")
}

impl TestGateway {
    /// Lets time pass.
    pub fn let_pass(&self, length: TimeDelta) {
        self.services.clock.advance(length);
    }
}
