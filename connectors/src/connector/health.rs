//! How the connection to a CRM is doing.
//!
//! Here: what everybody may see of it, and whose request comes first. Not here: what keeps it so (`crate::http`).

use std::time::Duration;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// A run: it can wait, and leaves the last of the allowance to people.
    #[default]
    Background,
    /// Somebody is waiting for the answer.
    Interactive,
}

/// How much of the CRM's allowance of requests is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiBudget {
    /// Requests used in the current window, by everybody.
    pub used: u64,
    /// Requests allowed in the window.
    pub limit: u64,
}

/// How a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Whether requests are sent at all.
    pub circuit: Circuit,
    /// How many requests may be under way at once now.
    pub concurrency: u32,
    /// How many are.
    pub in_flight: u32,
    /// The allowance as the CRM last told it; `None` before its first answer.
    pub budget: Option<ApiBudget>,
    /// Whether only interactive requests are sent, because the rest of the allowance is kept for them.
    pub is_reserved: bool,
    /// Whether the CRM refused our credentials when they were last used: somebody has to put them right.
    pub are_credentials_refused: bool,
}

/// Whether requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// Yes.
    Closed {
        /// Failures since the last answer.
        failures: u32,
    },
    /// No: the CRM is down and left alone.
    Open {
        /// Until the next trial.
        retry_after: Duration,
    },
    /// One at a time, to see whether it is back.
    HalfOpen,
}
