//! What a change of a partner's status takes, and what follows from it.

use chrono::{Days, NaiveDate};

use super::PartnerStatus;
use crate::lifecycle::PartnerWindows;

/// What the guards ask about a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartnerFacts {
    /// Whether a non-disclosure agreement or a contract is signed.
    pub has_signed_agreement: bool,
    /// Whether a contract, other than a non-disclosure agreement, is in force.
    pub has_contract_in_force: bool,
    /// How many of its users are enabled.
    pub enabled_users: u32,
}

/// What a change lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PartnerGuard {
    /// Nothing is signed.
    #[error("onboarding needs a signed non-disclosure agreement or contract; have one signed first")]
    PartnerAgreementMissing,
    /// No contract to sell by.
    #[error("an active partner needs a contract in force; a non-disclosure agreement is not enough")]
    PartnerContractMissing,
    /// Nobody could log in.
    #[error("an active partner needs at least one enabled user; enable one first")]
    PartnerUserMissing,
}

/// What follows from a change of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerConsequence {
    /// No new registrations and offers; protection keeps running.
    FreezeRegistrationsAndOffers,
    /// Leads in its hands go back for distribution.
    RecallLeads,
    /// Open support assignments, offers and scenarios that have not begun are cancelled.
    CancelOpenWork,
    /// Its users may not log in any more.
    DisableUsers,
    /// Open registrations are revoked on a date: the contract's tail. Accrual rights already earned stay.
    RevokeRegistrations {
        /// When.
        on: NaiveDate,
    },
}

impl PartnerStatus {
    /// Checks what a change takes beyond being possible (domain model, section 3).
    pub fn check_guards(self, to: Self, facts: &PartnerFacts) -> Result<(), PartnerGuard> {
        match to {
            _ if self == to => Ok(()),
            Self::Onboarding if !facts.has_signed_agreement => Err(PartnerGuard::PartnerAgreementMissing),
            Self::Active if !facts.has_contract_in_force => Err(PartnerGuard::PartnerContractMissing),
            Self::Active if facts.enabled_users == 0 => Err(PartnerGuard::PartnerUserMissing),
            _ => Ok(()),
        }
    }

    /// What follows when a partner comes to this status on a date.
    pub fn consequences(self, today: NaiveDate, windows: &PartnerWindows) -> Vec<PartnerConsequence> {
        use PartnerConsequence::*;
        match self {
            Self::Suspended => vec![FreezeRegistrationsAndOffers, RecallLeads],
            Self::Terminated => {
                let on = today + Days::new(windows.tail_days.into());
                let freeze = [FreezeRegistrationsAndOffers, RecallLeads, CancelOpenWork, DisableUsers];
                freeze.into_iter().chain([RevokeRegistrations { on }]).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PartnerStatus::*;
    use super::*;
    use crate::lifecycle::LifecyclePolicy;

    #[test]
    fn onboarding_takes_a_signature_and_activity_a_contract_and_a_user() {
        let mut facts = PartnerFacts::default();
        assert_eq!(Applicant.check_guards(Onboarding, &facts), Err(PartnerGuard::PartnerAgreementMissing));
        facts.has_signed_agreement = true;
        assert_eq!(Applicant.check_guards(Onboarding, &facts), Ok(()));
        assert_eq!(Onboarding.check_guards(Active, &facts), Err(PartnerGuard::PartnerContractMissing));
        facts.has_contract_in_force = true;
        assert_eq!(Suspended.check_guards(Active, &facts), Err(PartnerGuard::PartnerUserMissing));
        facts.enabled_users = 1;
        assert_eq!(Onboarding.check_guards(Active, &facts), Ok(()));
    }

    #[test]
    fn declining_and_ending_take_nothing() {
        for (from, to) in [(Applicant, Declined), (Active, Terminated), (Active, Suspended), (Active, Active)]
        {
            assert_eq!(from.check_guards(to, &PartnerFacts::default()), Ok(()));
        }
    }

    #[test]
    fn a_terminated_partners_registrations_end_after_the_tail() {
        let windows = LifecyclePolicy::default().partners;
        let consequences = Terminated.consequences("2026-04-10".parse().unwrap(), &windows);
        let on = "2026-05-10".parse().unwrap();
        assert_eq!(consequences.last(), Some(&PartnerConsequence::RevokeRegistrations { on }));
        assert!(Active.consequences(on, &windows).is_empty());
    }

    #[test]
    fn a_suspended_partner_keeps_its_protection() {
        let consequences =
            Suspended.consequences("2026-04-10".parse().unwrap(), &LifecyclePolicy::default().partners);
        assert!(!consequences.iter().any(|it| matches!(it, PartnerConsequence::RevokeRegistrations { .. })));
    }
}
