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
    /// Go on at once with another bulk reading; what was stored of this one stays and comes again.
    OpenBulkAgain,
    /// Go on at once, page by page instead of in bulk.
    ReadByPages,
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
            BudgetSpent { .. } | BudgetReserved { .. } => Recovery::RetryAfter(BUDGET_PAUSE),
            CircuitOpen { retry_after } => Recovery::RetryAfter(*retry_after),
            TokenNotKept { .. } => Recovery::RetryAfter(OUTAGE_PAUSE),
            CredentialsRefused { .. } | SessionRefused { .. } | Forbidden { .. } => {
                Recovery::WaitForCredentials
            }
            BulkUnfinished { .. } => Recovery::RetryAfter(OUTAGE_PAUSE),
            BulkEnded { .. } => Recovery::OpenBulkAgain,
            BulkUnavailable { .. } => Recovery::ReadByPages,
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
            WrongCrmFieldType { .. } => Recovery::GiveUp,
            BeyondHorizon { .. } | Rejected { .. } => Recovery::GiveUp,
        }
    }

    /// Whether it stands in the way of everything we ask of the CRM, and not only of what was asked for: going on with
    /// another object would fail in the same way, and cost the CRM, or us, more than it brings.
    pub fn concerns_everything(&self) -> bool {
        use ConnectorError::*;
        matches!(
            self,
            Unreachable { .. }
                | Unavailable { .. }
                | Throttled { .. }
                | BudgetSpent { .. }
                | BudgetReserved { .. }
                | CircuitOpen { .. }
                | TokenNotKept { .. }
                | CredentialsRefused { .. }
                | SessionRefused { .. }
                | Misconfigured { .. }
        )
    }

    /// Where it belongs in the error log.
    pub fn category(&self) -> SyncErrorCategory {
        use ConnectorError::*;
        match self {
            CredentialsRefused { .. } | SessionRefused { .. } => SyncErrorCategory::Auth,
            TokenNotKept { .. } => SyncErrorCategory::Auth,
            Throttled { .. } | BudgetSpent { .. } | BudgetReserved { .. } => SyncErrorCategory::RateLimit,
            CircuitOpen { .. } => SyncErrorCategory::Transport,
            Unreachable { .. } | Unavailable { .. } | Garbled { .. } | QueryTimeout { .. } | CursorEnded => {
                SyncErrorCategory::Transport
            }
            BulkUnavailable { .. } | BulkEnded { .. } | BulkUnfinished { .. } => SyncErrorCategory::Transport,
            Refused { .. } => SyncErrorCategory::Validation,
            DuplicateBlocked { .. } => SyncErrorCategory::DuplicateRule,
            Forbidden { .. } | Protected { .. } | ReadOnlyField { .. } => SyncErrorCategory::Permission,
            NotFound { .. } => SyncErrorCategory::NotFound,
            Conflict { .. } | Locked { .. } => SyncErrorCategory::Conflict,
            UnknownCrmField { .. } | UnknownCrmObject { .. } | NotMapped { .. } => SyncErrorCategory::Schema,
            WrongCrmFieldType { .. } => SyncErrorCategory::Schema,
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
            BudgetReserved { .. } => "BUDGET_RESERVED",
            CircuitOpen { .. } => "CIRCUIT_OPEN",
            TokenNotKept { .. } => "TOKEN_NOT_KEPT",
            UnknownCrmField { .. } => "UNKNOWN_CRM_FIELD",
            WrongCrmFieldType { .. } => "WRONG_CRM_FIELD_TYPE",
            UnknownCrmObject { .. } => "UNKNOWN_CRM_OBJECT",
            NotMapped { .. } => "NOT_MAPPED",
            CursorEnded => "CURSOR_ENDED",
            QueryTimeout { .. } => "QUERY_TIMEOUT",
            BulkUnavailable { code, .. } => code,
            BulkEnded { .. } => "BULK_ENDED",
            BulkUnfinished { .. } => "BULK_UNFINISHED",
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

    /// Whether the CRM had too much to do.
    pub(crate) fn asks_for_less(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// Whether the request may have been carried out all the same.
    pub(crate) fn leaves_doubt(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => !source.is_connect(),
            Self::Unavailable { .. } | Self::Garbled { .. } => true,
            _ => false,
        }
    }

    /// The wait the CRM asked for.
    pub(crate) fn asked_pause(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } | Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &ConnectorError, recovery: Recovery, category: SyncErrorCategory) {
        assert_eq!((error.recovery(), error.category()), (recovery, category), "{error}");
    }

    #[test]
    fn a_failure_leaves_one_thing_to_do() {
        let subject = || "Lead 00Q5g000001abCDEAY".to_owned();
        let code = || "CODE".to_owned();
        let pause = Duration::from_secs(7);
        let throttled = ConnectorError::Throttled { host: code(), retry_after: Some(pause) };
        check(&throttled, Recovery::RetryAfter(pause), SyncErrorCategory::RateLimit);
        let spent = ConnectorError::BudgetSpent { used: 80, limit: 100 };
        check(&spent, Recovery::RetryAfter(BUDGET_PAUSE), SyncErrorCategory::RateLimit);
        let credentials = ConnectorError::CredentialsRefused { code: code() };
        check(&credentials, Recovery::WaitForCredentials, SyncErrorCategory::Auth);
        check(&ConnectorError::CursorEnded, Recovery::ResumeByKeyset, SyncErrorCategory::Transport);
        let duplicate = ConnectorError::DuplicateBlocked { subject: subject() };
        check(&duplicate, Recovery::SkipRecord, SyncErrorCategory::DuplicateRule);
        let protected = ConnectorError::Protected { subject: subject(), code: code() };
        check(&protected, Recovery::SkipRecord, SyncErrorCategory::Permission);
        let object = ConnectorError::UnknownCrmObject { key: "lead.object".to_owned(), object: subject() };
        check(&object, Recovery::GiveUp, SyncErrorCategory::Schema);
    }

    #[test]
    fn a_refusal_names_the_fields_it_is_about() {
        let fields = vec!["LastName".to_owned(), "Company".to_owned()];
        let code = "REQUIRED_FIELD_MISSING".to_owned();
        let refused = ConnectorError::Refused { subject: "Lead 00Q".to_owned(), code, fields };
        assert!(refused.to_string().contains("(REQUIRED_FIELD_MISSING in LastName, Company)"), "{refused}");
    }
}
