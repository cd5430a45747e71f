//! Between a row and the state that the rules know.

use chrono::{DateTime, Utc};
use domain::lifecycle::RegistrationWindows;
use domain::registrations::{Priority, Protection, RegistrationState, RegistrationStatus};
use entity::registrations::deal_registration::Model;

use crate::error::{Error, Result};

/// Where a registration stands, with what holds only there.
pub(super) fn of(row: &Model) -> Result<RegistrationState> {
    use RegistrationStatus as Status;
    Ok(match row.status {
        Status::Draft => RegistrationState::Draft,
        Status::Submitted => RegistrationState::Submitted { priority: priority(row)? },
        Status::UnderReview => {
            let decide_by = row.decide_by.ok_or_else(|| torn(row, "decide_by"))?;
            RegistrationState::UnderReview { priority: priority(row)?, decide_by }
        }
        Status::Returned => {
            let answer_by = row.answer_by.ok_or_else(|| torn(row, "answer_by"))?;
            RegistrationState::Returned { priority: priority(row)?, answer_by }
        }
        Status::Approved => {
            RegistrationState::Approved { priority: priority(row)?, protection: protection(row)? }
        }
        Status::Rejected => {
            RegistrationState::Rejected { code: row.reject_code.ok_or_else(|| torn(row, "reject_code"))? }
        }
        Status::Expired => RegistrationState::Expired,
        Status::Withdrawn => RegistrationState::Withdrawn,
        Status::Revoked => RegistrationState::Revoked,
        Status::Won => RegistrationState::Won,
        Status::Lost => RegistrationState::Lost,
    })
}

/// Who was first, of a registration that was handed in once.
pub fn priority(row: &Model) -> Result<Priority> {
    let time = row.priority_time.ok_or_else(|| torn(row, "priority_time"))?;
    let number = row.submission_seq.ok_or_else(|| torn(row, "submission_seq"))?;
    Ok(Priority { time, submission_seq: u64::try_from(number).map_err(Error::internal)? })
}

fn protection(row: &Model) -> Result<Protection> {
    Ok(Protection {
        protected_from: row.protected_from.ok_or_else(|| torn(row, "protected_from"))?,
        expires_at: row.expires_at.ok_or_else(|| torn(row, "expires_at"))?,
        extensions: u32::try_from(row.extensions).map_err(Error::internal)?,
    })
}

fn torn(row: &Model, column: &str) -> Error {
    Error::internal(anyhow::anyhow!("registration {} is {} without {column}", row.id, row.status))
}

/// The row of a registration that stands there now. What held elsewhere in its life stays as it was when it helps to
/// understand it.
pub(super) fn put(
    mut row: Model,
    state: RegistrationState,
    windows: &RegistrationWindows,
    now: DateTime<Utc>,
) -> Result<Model> {
    row.status = state.status();
    (row.decide_by, row.answer_by, row.warn_at) = (None, None, None);
    if let Some(priority) = state.priority() {
        row.priority_time = Some(priority.time);
        row.submission_seq = Some(i64::try_from(priority.submission_seq).map_err(Error::internal)?);
    }
    match state {
        RegistrationState::UnderReview { decide_by, .. } => {
            row.decide_by = Some(decide_by);
            row.escalated_at = None;
        }
        RegistrationState::Returned { answer_by, .. } => row.answer_by = Some(answer_by),
        RegistrationState::Approved { protection, .. } => {
            row.protected_from = Some(protection.protected_from);
            row.expires_at = Some(protection.expires_at);
            row.extensions = i32::try_from(protection.extensions).map_err(Error::internal)?;
            row.warn_at = protection.warnings(windows).into_iter().find(|it| *it > now);
        }
        RegistrationState::Rejected { code } => row.reject_code = Some(code),
        _ => {}
    }
    row.ended_at = row.status.is_terminal().then_some(now);
    row.version += 1;
    row.updated_at = now;
    Ok(row)
}
