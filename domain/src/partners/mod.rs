//! Partners: their types, the life of an agreement, their hierarchy, and their users.

mod hierarchy;
mod life;
pub mod prospects;

pub use hierarchy::{InvalidParent, check_parent};
pub use life::{PartnerConsequence, PartnerFacts, PartnerGuard};

use chrono::{DateTime, Utc};

use crate::corporate_number::CorporateNumber;

crate::codes! {
    /// What a partner does for us; one partner may do several.
    pub enum PartnerType {
        Reseller("販売", "Reseller"),
        Agency("代理店（取次）", "Agency"),
        Distributor("ディストリビューター", "Distributor"),
        Service("サービス", "Service"),
        Technology("テクノロジー", "Technology"),
        Oem("OEM", "OEM"),
        Alliance("アライアンス", "Alliance"),
        Integrator("インテグレーター", "Integrator"),
        Referral("紹介", "Referral"),
        Brand("ブランド協業", "Brand"),
    }

    /// Where a partner stands in its life.
    pub enum PartnerStatus {
        Prospect("候補", "Prospect"),
        Applicant("申請中", "Applicant"),
        Onboarding("導入中", "Onboarding"),
        Active("有効", "Active"),
        Suspended("停止", "Suspended"),
        Terminated("終了", "Terminated"),
        Declined("見送り", "Declined"),
    }

    /// What a partner user does.
    pub enum JobFunction {
        Sales("営業", "Sales"),
        Marketing("マーケティング", "Marketing"),
        Engineering("技術", "Engineering"),
        Support("サポート", "Support"),
        Executive("経営", "Executive"),
        Other("その他", "Other"),
    }

    /// Whether a partner user may log in.
    pub enum PartnerUserStatus {
        Invited("招待中", "Invited"),
        Enabled("有効", "Enabled"),
        Disabled("無効", "Disabled"),
    }

    /// What a partner user may do at the partner.
    pub enum PartnerUserRole {
        PartnerAdmin("管理者", "Administrator"),
        PartnerRep("担当者", "Representative"),
    }
}

/// A change of status that the life of a partner does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a partner cannot go from {from} to {to}; from {from} it can go to {allowed}")]
pub struct ImpossibleTransition {
    /// Where the partner stands.
    pub from: PartnerStatus,
    /// Where it was to go.
    pub to: PartnerStatus,
    /// Where it could go.
    pub allowed: String,
}

impl PartnerStatus {
    /// Whether a partner may start its life in our store here: what exists already is entered as it stands.
    pub fn may_be_entered(self) -> bool {
        !matches!(self, Self::Terminated | Self::Declined)
    }

    /// Where a partner may go from here.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Prospect => &[Self::Applicant],
            Self::Applicant => &[Self::Onboarding, Self::Declined],
            Self::Onboarding => &[Self::Active],
            Self::Active => &[Self::Suspended, Self::Terminated],
            Self::Suspended => &[Self::Active, Self::Terminated],
            Self::Terminated | Self::Declined => &[],
        }
    }

    /// Checks a change of status; staying is always possible.
    pub fn check_transition(self, to: Self) -> Result<(), ImpossibleTransition> {
        if self == to || self.next().contains(&to) {
            return Ok(());
        }
        let allowed = match self.next() {
            [] => "nowhere: this is an end".to_owned(),
            next => next.iter().map(|it| it.code()).collect::<Vec<_>>().join(", "),
        };
        Err(ImpossibleTransition { from: self, to, allowed })
    }
}

/// 適格請求書発行事業者登録番号: `T` and thirteen digits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct InvoiceRegistrationNumber(String);

/// Why an invoice registration number was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidInvoiceRegistration {
    /// Not `T` and thirteen digits.
    #[error("an invoice registration number is T followed by 13 digits")]
    InvoiceRegistrationInvalid,
    /// A company registers under its corporate number.
    #[error(
        "the digits of a company's invoice registration number are its corporate number; correct one of the two"
    )]
    InvoiceRegistrationDiffers,
}

impl std::str::FromStr for InvoiceRegistrationNumber {
    type Err = InvalidInvoiceRegistration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text
            .trim()
            .strip_prefix('T')
            .filter(|it| it.len() == 13 && it.bytes().all(|it| it.is_ascii_digit()));
        let digits = digits.ok_or(InvalidInvoiceRegistration::InvoiceRegistrationInvalid)?;
        Ok(Self(format!("T{digits}")))
    }
}

impl InvoiceRegistrationNumber {
    /// Checks that a company's number is its corporate number.
    pub fn check_belongs_to(&self, company: &CorporateNumber) -> Result<(), InvalidInvoiceRegistration> {
        match &self.0[1..] == company.as_str() {
            true => Ok(()),
            false => Err(InvalidInvoiceRegistration::InvoiceRegistrationDiffers),
        }
    }
}

impl From<InvoiceRegistrationNumber> for String {
    fn from(number: InvoiceRegistrationNumber) -> Self {
        number.0
    }
}

/// When access counts as granted after a change of status: the first enabling stands.
pub fn access_granted_at(
    before: Option<DateTime<Utc>>,
    status: PartnerUserStatus,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match status {
        PartnerUserStatus::Enabled => before.or(Some(now)),
        PartnerUserStatus::Invited | PartnerUserStatus::Disabled => before,
    }
}

#[cfg(test)]
mod tests {
    use super::InvoiceRegistrationNumber;
    use super::PartnerStatus::*;

    #[test]
    fn a_companys_invoice_number_is_its_corporate_number() {
        let number: InvoiceRegistrationNumber = "T4011001098993".parse().unwrap();
        assert!(number.check_belongs_to(&"4011001098993".parse().unwrap()).is_ok());
        assert!(number.check_belongs_to(&"7000012050002".parse().unwrap()).is_err());
        assert!("4011001098993".parse::<InvoiceRegistrationNumber>().is_err());
    }

    #[test]
    fn a_suspended_partner_may_come_back() {
        assert!(Active.check_transition(Suspended).is_ok());
        assert!(Suspended.check_transition(Active).is_ok());
    }

    #[test]
    fn an_end_is_an_end() {
        let refusal = Terminated.check_transition(Active).unwrap_err();
        assert!(refusal.to_string().ends_with("it can go to nowhere: this is an end"));
        assert!(Prospect.check_transition(Active).is_err());
    }
}
