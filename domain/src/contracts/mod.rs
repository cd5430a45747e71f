//! Contracts with partners: their kinds, their life, and what is agreed on which date.
//!
//! Here: statuses, terms with their notice deadline, renewals, reminders and amendments.
//! Not here: documents and negotiation logs, which decide nothing.

mod standing;
mod term;
mod versions;

pub use standing::{ContractFacts, ContractNews};
pub use term::{ContractEnd, ContractTerm, InvalidTerm, NoticeTerms};
pub use versions::{ContractArea, ContractTerms, ContractVersions, InvalidAmendment};

crate::codes! {
    /// What is agreed.
    pub enum ContractType {
        Reseller("リセラー契約", "Reseller"),
        Agency("代理店契約", "Agency"),
        Alliance("アライアンス契約", "Alliance"),
        Service("サービス契約", "Service"),
        Technology("テクノロジー契約", "Technology"),
        Oem("OEM契約", "OEM"),
        Nda("秘密保持契約", "Non-disclosure agreement"),
    }

    /// Where a contract stands.
    pub enum ContractStatus {
        Draft("作成中", "Draft"),
        LegalReview("法務確認", "Legal review"),
        Sent("送付済", "Sent"),
        Signed("締結済", "Signed"),
        InForce("有効", "In force"),
        Renewed("更新済", "Renewed"),
        Expired("満了", "Expired"),
        Terminated("解約", "Terminated"),
    }
}

/// A change of status that the life of a contract does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a contract cannot go from {from} to {to}; read it again")]
pub struct ImpossibleContractStep {
    /// Where it stands.
    pub from: ContractStatus,
    /// Where it was to go.
    pub to: ContractStatus,
}

impl ContractStatus {
    /// Where a contract may go from here (domain model, section 3).
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::LegalReview],
            Self::LegalReview => &[Self::Sent, Self::Draft],
            Self::Sent => &[Self::Signed, Self::Draft],
            Self::Signed => &[Self::InForce, Self::Terminated],
            Self::InForce => &[Self::Renewed, Self::Expired, Self::Terminated],
            Self::Renewed | Self::Expired | Self::Terminated => &[],
        }
    }

    /// Checks a change of status.
    pub fn check_step(self, to: Self) -> Result<(), ImpossibleContractStep> {
        if self.next().contains(&to) { Ok(()) } else { Err(ImpossibleContractStep { from: self, to }) }
    }

    /// Whether it has been signed and not ended: enough to bring a partner in.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::InForce)
    }

    /// Whether it was signed at some time, whatever came of it.
    pub fn was_signed(self) -> bool {
        !matches!(self, Self::Draft | Self::LegalReview | Self::Sent)
    }
}

impl ContractType {
    /// Whether selling rests on it; a non-disclosure agreement only lets people talk.
    pub fn is_commercial(self) -> bool {
        self != Self::Nda
    }
}

#[cfg(test)]
mod tests {
    use super::ContractStatus::*;

    #[test]
    fn a_contract_may_come_back_until_it_is_signed() {
        for (from, to) in [(LegalReview, Draft), (Sent, Draft), (Sent, Signed), (InForce, Renewed)] {
            assert!(from.check_step(to).is_ok(), "{from} {to}");
        }
        for (from, to) in [(Signed, Draft), (Draft, Sent), (Renewed, InForce), (Expired, Renewed)] {
            assert!(from.check_step(to).is_err(), "{from} {to}");
        }
    }
}
