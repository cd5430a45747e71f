//! Policies: rules that are data, and the life of each of their versions.
//!
//! Here: the kinds, the states, and who may move a version on. Not here: what a policy says (`mastering::policy`).

crate::codes! {
    /// What a policy decides.
    pub enum PolicyKind {
        Precedence("優先度", "Update precedence"),
        Matching("名寄せ", "Matching"),
        Conflict("チャネルコンフリクト", "Channel conflicts"),
        Lifecycle("期限・期間", "Windows and limits of the channel"),
        Distribution("リード配布", "Lead distribution"),
    }

    /// Where a version stands in its life.
    pub enum PolicyState {
        Draft("下書き", "Draft"),
        Submitted("申請済", "Submitted"),
        Approved("承認済", "Approved"),
        Active("有効", "Active"),
        Retired("廃止", "Retired"),
        Rejected("却下", "Rejected"),
    }

    /// Where a dry run stands.
    pub enum DryRunState {
        Queued("待機中", "Queued"),
        Running("実行中", "Running"),
        Succeeded("完了", "Succeeded"),
        Failed("失敗", "Failed"),
    }

    /// What a dry run finds that a policy version would change.
    pub enum DryRunChange {
        Value("値の変更", "Another value is served"),
        Reason("理由の変更", "The same value is served for another reason"),
        WriteBack("書き戻し", "A value is written back"),
        Merge("統合", "Records become one"),
        Split("分割", "A record falls apart"),
    }
}

impl PolicyKind {
    /// Whether it decides about golden records; the others decide about the partner channel.
    pub fn is_about_records(self) -> bool {
        matches!(self, Self::Precedence | Self::Matching)
    }
}

/// Something that happens to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyStep {
    /// The author asks for approval.
    Submit,
    /// Somebody else agrees.
    Approve,
    /// Somebody else does not.
    Reject,
    /// It comes into force.
    Activate,
}

/// Why a version cannot be moved on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyRefusal {
    /// It stands elsewhere in its life.
    #[error("the policy version is {state}; it must be {expected} for this. Read it again")]
    PolicyState {
        /// Where it stands.
        state: PolicyState,
        /// Where it had to stand.
        expected: String,
    },
    /// Four eyes: nobody decides on what they wrote.
    #[error("you wrote this policy version yourself; somebody else decides on it")]
    PolicyAuthorDecides,
}

impl PolicyStep {
    /// Where a version must stand for this.
    fn from(self) -> &'static [PolicyState] {
        match self {
            Self::Submit => &[PolicyState::Draft],
            // An approval is renewed when another version came into force meanwhile.
            Self::Approve => &[PolicyState::Submitted, PolicyState::Approved],
            Self::Reject => &[PolicyState::Submitted, PolicyState::Approved],
            Self::Activate => &[PolicyState::Approved],
        }
    }

    /// Where it leads.
    fn to(self) -> PolicyState {
        match self {
            Self::Submit => PolicyState::Submitted,
            Self::Approve => PolicyState::Approved,
            Self::Reject => PolicyState::Rejected,
            Self::Activate => PolicyState::Active,
        }
    }
}

/// Moves a version on. `author` wrote it, `subject` wants this.
pub fn step(
    state: PolicyState,
    author: &str,
    step: PolicyStep,
    subject: &str,
) -> Result<PolicyState, PolicyRefusal> {
    if !step.from().contains(&state) {
        let expected = step.from().iter().map(|it| it.code()).collect::<Vec<_>>().join(" or ");
        return Err(PolicyRefusal::PolicyState { state, expected });
    }
    if matches!(step, PolicyStep::Approve | PolicyStep::Reject) && author == subject {
        return Err(PolicyRefusal::PolicyAuthorDecides);
    }
    Ok(step.to())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_lives_from_draft_to_active() {
        let submitted = step(PolicyState::Draft, "anna", PolicyStep::Submit, "anna").unwrap();
        let approved = step(submitted, "anna", PolicyStep::Approve, "ben").unwrap();
        assert_eq!(step(approved, "anna", PolicyStep::Activate, "anna"), Ok(PolicyState::Active));
    }

    #[test]
    fn nobody_decides_on_what_they_wrote() {
        for decision in [PolicyStep::Approve, PolicyStep::Reject] {
            let refused = step(PolicyState::Submitted, "anna", decision, "anna");
            assert_eq!(refused, Err(PolicyRefusal::PolicyAuthorDecides));
        }
    }

    #[test]
    fn only_what_was_approved_comes_into_force() {
        for state in PolicyState::ALL.iter().filter(|it| **it != PolicyState::Approved) {
            let refused = step(*state, "anna", PolicyStep::Activate, "ben").unwrap_err();
            assert!(refused.to_string().contains("must be APPROVED"), "{refused}");
        }
    }

    #[test]
    fn what_has_ended_does_not_move() {
        for state in [PolicyState::Active, PolicyState::Retired, PolicyState::Rejected] {
            for it in [PolicyStep::Submit, PolicyStep::Approve, PolicyStep::Reject, PolicyStep::Activate] {
                assert!(step(state, "anna", it, "ben").is_err(), "{state} {it:?}");
            }
        }
    }
}
