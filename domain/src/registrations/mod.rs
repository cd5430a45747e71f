//! The life of a deal registration: who was first, and how long the deal is theirs.
//!
//! Here: statuses, guards, priority time, protection window.
//! Not here: judging rivals (`conflicts`), who may see a registration (`access`).

mod life;
mod protection;
mod submission;

pub use life::{Approval, ApprovalBasis, RegistrationState};
pub use protection::Protection;
pub use submission::{Registrant, RegistrationForm};

use chrono::{DateTime, Utc};

crate::codes! {
    /// Where a registration stands.
    pub enum RegistrationStatus {
        Draft("下書き", "Draft"),
        Submitted("申請済", "Submitted"),
        UnderReview("審査中", "Under review"),
        Returned("差戻し", "Returned"),
        Approved("承認", "Approved"),
        Rejected("却下", "Rejected"),
        Expired("期限切れ", "Expired"),
        Withdrawn("取下げ", "Withdrawn"),
        Revoked("取消", "Revoked"),
        Won("受注", "Won"),
        Lost("失注", "Lost"),
    }

    /// Why a registration was rejected; what its partner is told.
    pub enum RejectCode {
        AlreadyRegistered("登録済み", "Already registered"),
        DirectEngaged("直販対応中", "Direct sales is engaged"),
        OutsideTerritory("担当エリア外", "Outside the territory"),
        ExistingCustomer("既存顧客", "Existing customer"),
        Incomplete("情報不足", "Incomplete"),
        NotEligible("資格なし", "Not eligible"),
        Other("その他", "Other"),
    }

    /// What happened to a registration.
    pub enum RegistrationStep {
        Saved("保存", "Saved"),
        Submitted("申請", "Submitted"),
        Resubmitted("再申請", "Submitted again"),
        Reviewed("審査開始", "Handed to a person"),
        Returned("差戻し", "Returned for information"),
        Approved("承認", "Approved"),
        AutoApproved("自動承認", "Approved by the policy"),
        Rejected("却下", "Rejected"),
        Extended("延長", "Extended"),
        Withdrawn("取下げ", "Withdrawn"),
        Revoked("取消", "Revoked"),
        Expired("期限切れ", "Expired"),
        Won("受注", "Won"),
        Lost("失注", "Lost"),
        Activity("活動", "Activity on the deal"),
        Warned("期限予告", "Warned of the end"),
        Escalated("期限超過の通知", "Escalated: the decision is late"),
        Linked("紐付け", "Linked to other records"),
        Contested("競合", "A conflict was raised or opened again"),
        ChoiceConfirmed("顧客指定の確認", "The customer's choice was confirmed"),
    }

    /// What kind of business a deal is.
    pub enum DealType {
        New("新規", "New"),
        Expansion("拡張", "Expansion"),
        Renewal("更新", "Renewal"),
    }

    /// What the conflict check says about one claim.
    pub enum ClaimFinding {
        Clear("問題なし", "Clear"),
        Upheld("優先権あり", "Upheld"),
        Shared("併存可", "Shared with others"),
        Lost("優先権なし", "Another claim goes first"),
        Manual("個別判断", "A person decides"),
        Provisional("暫定", "Provisional"),
    }
}

impl RegistrationStatus {
    /// Whether the life of the registration has ended.
    pub fn is_terminal(self) -> bool {
        use RegistrationStatus::*;
        matches!(self, Rejected | Expired | Withdrawn | Revoked | Won | Lost)
    }
}

/// Who was first: server time of the first complete submission, then the number of the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Priority {
    /// Server time.
    pub time: DateTime<Utc>,
    /// Number of the submission; no two have the same.
    pub submission_seq: u64,
}

/// Why a registration cannot be moved on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationRefusal {
    /// It stands elsewhere in its life.
    #[error("the registration is {status}, which does not allow this; read it again")]
    RegistrationState {
        /// Where it stands.
        status: RegistrationStatus,
    },
    /// Fields that a submission needs.
    #[error("the registration lacks {}; fill them and submit again", .missing.join(", "))]
    RegistrationIncomplete {
        /// Which.
        missing: Vec<&'static str>,
    },
    /// Only active partners register deals.
    #[error("the partner is {status}; only an ACTIVE partner registers deals")]
    RegistrantNotActive {
        /// Where the partner stands.
        status: crate::partners::PartnerStatus,
    },
    /// A product that no contract in force is about.
    #[error("no contract in force covers product `{product}`; remove it or amend the contract first")]
    ProductOutsideContract {
        /// Which.
        product: String,
    },
    /// Separation of duties.
    #[error("you submitted this registration; somebody else decides on it")]
    ApproverIsSubmitter,
    /// The check could not ask the CRM, so nothing is certain yet.
    #[error("the conflict check is provisional until the CRM answers; approve after it was repeated")]
    VerdictProvisional,
    /// The verdict does not favour this registration, and nobody said why it is approved all the same.
    #[error("the verdict is not in favour of this registration; give a reason to override it")]
    OverrideReasonMissing,
    /// A step that its partner or an auditor will ask about.
    #[error("say why: a reason is required for this")]
    ReasonMissing,
    /// Too late.
    #[error("the protection ended at {expires_at}; register the deal again")]
    ExtensionAfterExpiry {
        /// When.
        expires_at: DateTime<Utc>,
    },
    /// Often enough.
    #[error("the protection has been extended {largest} times, which is the most")]
    ExtensionLimit {
        /// How often it may be.
        largest: u32,
    },
    /// Nothing happened lately.
    #[error("an extension needs activity on the deal in the last {days} days; record it first")]
    ExtensionWithoutActivity {
        /// How recent it must be.
        days: u32,
    },
    /// Too early.
    #[error("the protection lasts until {expires_at}")]
    ProtectionRuns {
        /// When it ends.
        expires_at: DateTime<Utc>,
    },
    /// The window reaches past the holidays that are known.
    #[error(transparent)]
    CalendarEnds(#[from] crate::calendar::CalendarEnds),
}

#[cfg(test)]
mod tests;
