//! How the connection to a CRM is doing.
//!
//! Here: its allowance of requests, as everybody may see it. Not here: what keeps it (`crate::http`).

/// How much of the CRM's allowance of requests is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiBudget {
    /// Requests used in the current window, by everybody.
    pub used: u64,
    /// Requests allowed in the window.
    pub limit: u64,
}
