//! What is left to do after a failure.
//!
//! Here: each error's recovery, its category and code in the error log, and whether trying again may help.
//! Not here: the errors (`error`), how often is tried (`http::retry`).

use std::time::Duration;

use domain::sync::SyncErrorCategory;

use crate::error::ConnectorError;

/// The wait after an outage that outlasted all attempts.
const OUTAGE_PAUSE: Duration = Duration::from_secs(60);
/// The wait before asking again whether a spent allowance has recovered; its window rolls over 24 hours.
pub(crate) const BUDGET_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What is left to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Stop, keep the position, and try again after this pause.
    RetryAfter(Duration),
    /// Stop until somebody has put the credentials or permissions right.
    WaitForCredentials,
    /// Go on at once, with [`crate::Position::After`] the last record that was stored.
    ResumeByKeyset,
    /// This record cannot be handled; note it and go on with the next one.
    SkipRecord,
    /// Stop; trying again changes nothing before somebody acts.
    GiveUp,
}

impl ConnectorError {
    /// What is left to do.
    pub fn recovery(&self) -> Recovery {
        use ConnectorError::*;
        match self {
            Unreachable { .. } | Garbled { .. } | QueryTimeout { .. } => Recovery::RetryAfter(OUTAGE_PAUSE),
            Unavailable { retry_after, .. } | Throttled { retry_after, .. } => {
                Recovery::RetryAfter(retry_after.unwrap_or(OUTAGE_PAUSE))
            }
            Locked { .. } => Recovery::RetryAfter(OUTAGE_PAUSE),
            BudgetSpent { .. } => Recovery::RetryAfter(BUDGET_PAUSE),
            CredentialsRefused { .. } | SessionRefused { .. } | Forbidden { .. } => {
                Recovery::WaitForCredentials
            }
            CursorEnded => Recovery::ResumeByKeyset,
            Conflict { .. }
            | NotFound { .. }
            | Protected { .. }
            | DuplicateBlocked { .. }
            | Refused { .. }
            | ReadOnlyField { .. } => Recovery::SkipRecord,
            Misconfigured { .. } | UnknownCrmField { .. } | UnknownCrmObject { .. } | NotMapped { .. } => {
                Recovery::GiveUp
            }
            BeyondHorizon { .. } | Rejected { .. } => Recovery::GiveUp,
        }
    }

    /// Where it belongs in the error log.
    pub fn category(&self) -> SyncErrorCategory {
        use ConnectorError::*;
        match self {
            CredentialsRefused { .. } | SessionRefused { .. } => SyncErrorCategory::Auth,
            Throttled { .. } | BudgetSpent { .. } => SyncErrorCategory::RateLimit,
            Unreachable { .. } | Unavailable { .. } | Garbled { .. } | QueryTimeout { .. } | CursorEnded => {
                SyncErrorCategory::Transport
            }
            Refused { .. } => SyncErrorCategory::Validation,
            DuplicateBlocked { .. } => SyncErrorCategory::DuplicateRule,
            Forbidden { .. } | Protected { .. } | ReadOnlyField { .. } => SyncErrorCategory::Permission,
            NotFound { .. } => SyncErrorCategory::NotFound,
            Conflict { .. } | Locked { .. } => SyncErrorCategory::Conflict,
            UnknownCrmField { .. } | UnknownCrmObject { .. } | NotMapped { .. } => SyncErrorCategory::Schema,
            BeyondHorizon { .. } => SyncErrorCategory::Horizon,
            Misconfigured { .. } | Rejected { .. } => SyncErrorCategory::Unknown,
        }
    }

    /// The stable code for the error log: the CRM's own where it gave one.
    pub fn code(&self) -> &str {
        use ConnectorError::*;
        match self {
            CredentialsRefused { code } | SessionRefused { code } => code,
            Forbidden { code, .. } | Protected { code, .. } => code,
            Refused { code, .. } | Rejected { code, .. } => code,
            Misconfigured { .. } => "MISCONFIGURED",
            Unreachable { .. } => "UNREACHABLE",
            Unavailable { .. } => "UNAVAILABLE",
            Throttled { .. } => "THROTTLED",
            Garbled { .. } => "GARBLED_ANSWER",
            BudgetSpent { .. } => "BUDGET_SPENT",
            UnknownCrmField { .. } => "UNKNOWN_CRM_FIELD",
            UnknownCrmObject { .. } => "UNKNOWN_CRM_OBJECT",
            NotMapped { .. } => "NOT_MAPPED",
            CursorEnded => "CURSOR_ENDED",
            QueryTimeout { .. } => "QUERY_TIMEOUT",
            BeyondHorizon { .. } => "BEYOND_HORIZON",
            Conflict { .. } => "CONFLICT",
            Locked { .. } => "LOCKED",
            NotFound { .. } => "NOT_FOUND",
            DuplicateBlocked { .. } => "DUPLICATE_BLOCKED",
            ReadOnlyField { .. } => "READ_ONLY_FIELD",
        }
    }
}

impl ConnectorError {
    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        use ConnectorError::*;
        matches!(
            self,
            Unreachable { .. } | Unavailable { .. } | Throttled { .. } | Garbled { .. } | Locked { .. }
        )
    }

    /// The wait the CRM asked for.
    pub(crate) fn asked_pause(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
