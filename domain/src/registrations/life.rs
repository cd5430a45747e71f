//! What may happen to a registration, and where it leads.

use chrono::{DateTime, Utc};

use super::{ClaimFinding, Priority, Protection, RegistrationRefusal, RegistrationStatus, RejectCode};
use crate::calendar::Calendar;
use crate::lifecycle::RegistrationWindows;

/// Where a registration stands, with what holds only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationState {
    /// No rights yet.
    Draft,
    /// Handed in; the conflict check is to follow.
    Submitted {
        /// Who was first.
        priority: Priority,
    },
    /// A person decides.
    UnderReview {
        /// Who was first.
        priority: Priority,
        /// Until when; overdue escalates, and never approves by itself.
        decide_by: DateTime<Utc>,
    },
    /// The partner is asked for more.
    Returned {
        /// Who was first.
        priority: Priority,
        /// A resubmission until then keeps the priority.
        answer_by: DateTime<Utc>,
    },
    /// The deal is the partner's.
    Approved {
        /// Who was first.
        priority: Priority,
        /// How long.
        protection: Protection,
    },
    /// Rejected, for a reason.
    Rejected {
        /// What the partner is told.
        code: RejectCode,
    },
    /// The protection ran out.
    Expired,
    /// Taken back by its partner.
    Withdrawn,
    /// Taken away by a person at the vendor.
    Revoked,
    /// The deal was won.
    Won,
    /// The deal was lost.
    Lost,
}

/// A person's approval.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// Who submitted.
    pub submitter: &'a str,
    /// Who approves.
    pub approver: &'a str,
    /// On what it rests.
    pub basis: ApprovalBasis<'a>,
    /// Days of protection, by the partner's tier at this instant.
    pub protection_days: u32,
}

/// On what an approval rests.
#[derive(Debug, Clone, Copy)]
pub enum ApprovalBasis<'a> {
    /// What the conflict check says about this registration.
    Verdict(ClaimFinding),
    /// A person's judgement against the verdict, or without one.
    Override {
        /// What the verdict says, if there is one; a provisional one cannot be overridden.
        finding: Option<ClaimFinding>,
        /// Why.
        reason: &'a str,
    },
}

impl RegistrationState {
    /// The status alone.
    pub fn status(&self) -> RegistrationStatus {
        match self {
            Self::Draft => RegistrationStatus::Draft,
            Self::Submitted { .. } => RegistrationStatus::Submitted,
            Self::UnderReview { .. } => RegistrationStatus::UnderReview,
            Self::Returned { .. } => RegistrationStatus::Returned,
            Self::Approved { .. } => RegistrationStatus::Approved,
            Self::Rejected { .. } => RegistrationStatus::Rejected,
            Self::Expired => RegistrationStatus::Expired,
            Self::Withdrawn => RegistrationStatus::Withdrawn,
            Self::Revoked => RegistrationStatus::Revoked,
            Self::Won => RegistrationStatus::Won,
            Self::Lost => RegistrationStatus::Lost,
        }
    }

    /// Who was first, once submitted and while open.
    pub fn priority(&self) -> Option<Priority> {
        match *self {
            Self::Submitted { priority }
            | Self::UnderReview { priority, .. }
            | Self::Returned { priority, .. }
            | Self::Approved { priority, .. } => Some(priority),
            _ => None,
        }
    }

    /// Hands it in. `offered` is this instant with the next submission number; the form has been checked. What was returned
    /// keeps its priority if it comes back in time and claims no more than before: nobody queues with one customer for
    /// another.
    pub fn submit(self, offered: Priority, is_within_claim: bool) -> Result<Self, RegistrationRefusal> {
        match self {
            Self::Draft => Ok(Self::Submitted { priority: offered }),
            Self::Returned { priority, answer_by } => {
                let keeps = is_within_claim && offered.time <= answer_by;
                Ok(Self::Submitted { priority: if keeps { priority } else { offered } })
            }
            _ => Err(self.refuse()),
        }
    }

    /// Approves what the policy approves by itself: only a clear finding.
    pub fn approve_if_clear(
        self,
        finding: ClaimFinding,
        now: DateTime<Utc>,
        protection_days: u32,
    ) -> Result<Self, RegistrationRefusal> {
        match (self, finding) {
            (Self::Submitted { priority }, ClaimFinding::Clear) => {
                Ok(approved(priority, now, protection_days))
            }
            _ => Err(self.refuse()),
        }
    }

    /// Hands it to a person.
    pub fn review(
        self,
        now: DateTime<Utc>,
        calendar: &Calendar,
        windows: &RegistrationWindows,
    ) -> Result<Self, RegistrationRefusal> {
        let Self::Submitted { priority } = self else { return Err(self.refuse()) };
        let decide_by = calendar.end_of_business_day(now, windows.decide_business_days)?;
        Ok(Self::UnderReview { priority, decide_by })
    }

    /// Asks the partner for more.
    pub fn return_for_information(
        self,
        now: DateTime<Utc>,
        calendar: &Calendar,
        windows: &RegistrationWindows,
    ) -> Result<Self, RegistrationRefusal> {
        let (Self::Submitted { priority } | Self::UnderReview { priority, .. }) = self else {
            return Err(self.refuse());
        };
        let answer_by = calendar.end_of_business_day(now, windows.answer_business_days)?;
        Ok(Self::Returned { priority, answer_by })
    }

    /// Approves it: nobody approves what they submitted, and nothing is approved on a provisional verdict.
    pub fn approve(self, approval: &Approval<'_>, now: DateTime<Utc>) -> Result<Self, RegistrationRefusal> {
        let Self::UnderReview { priority, .. } = self else { return Err(self.refuse()) };
        if approval.approver == approval.submitter {
            return Err(RegistrationRefusal::ApproverIsSubmitter);
        }
        approval.basis.check()?;
        Ok(approved(priority, now, approval.protection_days))
    }

    /// Rejects it, with what its partner is told.
    pub fn reject(
        self,
        code: RejectCode,
        submitter: &str,
        decider: &str,
    ) -> Result<Self, RegistrationRefusal> {
        match self {
            Self::UnderReview { .. } if decider == submitter => Err(RegistrationRefusal::ApproverIsSubmitter),
            Self::UnderReview { .. } => Ok(Self::Rejected { code }),
            _ => Err(self.refuse()),
        }
    }

    /// Prolongs the protection.
    pub fn extend(
        self,
        last_activity_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        windows: &RegistrationWindows,
    ) -> Result<Self, RegistrationRefusal> {
        let Self::Approved { priority, protection } = self else { return Err(self.refuse()) };
        Ok(Self::Approved { priority, protection: protection.extended(last_activity_at, now, windows)? })
    }

    /// Ends it when its protection has run out.
    pub fn expire(self, now: DateTime<Utc>) -> Result<Self, RegistrationRefusal> {
        let Self::Approved { protection, .. } = self else { return Err(self.refuse()) };
        match protection.runs_at(now) {
            true => Err(RegistrationRefusal::ProtectionRuns { expires_at: protection.expires_at }),
            false => Ok(Self::Expired),
        }
    }

    /// The golden opportunity was won.
    pub fn win(self) -> Result<Self, RegistrationRefusal> {
        if matches!(self, Self::Approved { .. }) { Ok(Self::Won) } else { Err(self.refuse()) }
    }

    /// The golden opportunity was lost.
    pub fn lose(self) -> Result<Self, RegistrationRefusal> {
        if matches!(self, Self::Approved { .. }) { Ok(Self::Lost) } else { Err(self.refuse()) }
    }

    /// The partner takes it back.
    pub fn withdraw(self) -> Result<Self, RegistrationRefusal> {
        if self.status().is_terminal() { Err(self.refuse()) } else { Ok(Self::Withdrawn) }
    }

    /// The vendor takes it away because a person decided so; a job only carries out such a decision.
    pub fn revoke(self, reason: &str) -> Result<Self, RegistrationRefusal> {
        match self {
            _ if self.status().is_terminal() => Err(self.refuse()),
            _ if reason.trim().is_empty() => Err(RegistrationRefusal::ReasonMissing),
            _ => Ok(Self::Revoked),
        }
    }

    /// Whether a decision is late.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        matches!(self, Self::UnderReview { decide_by, .. } if *decide_by < now)
    }

    fn refuse(&self) -> RegistrationRefusal {
        RegistrationRefusal::RegistrationState { status: self.status() }
    }
}

impl ApprovalBasis<'_> {
    fn check(self) -> Result<(), RegistrationRefusal> {
        match self {
            Self::Verdict(ClaimFinding::Clear | ClaimFinding::Upheld | ClaimFinding::Shared) => Ok(()),
            Self::Verdict(ClaimFinding::Provisional)
            | Self::Override { finding: Some(ClaimFinding::Provisional), .. } => {
                Err(RegistrationRefusal::VerdictProvisional)
            }
            Self::Verdict(ClaimFinding::Lost | ClaimFinding::Manual) => {
                Err(RegistrationRefusal::OverrideReasonMissing)
            }
            Self::Override { reason, .. } if reason.trim().is_empty() => {
                Err(RegistrationRefusal::ReasonMissing)
            }
            Self::Override { .. } => Ok(()),
        }
    }
}

fn approved(priority: Priority, now: DateTime<Utc>, days: u32) -> RegistrationState {
    RegistrationState::Approved { priority, protection: Protection::granted(priority.time, now, days) }
}
