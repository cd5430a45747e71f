//! What clients send about contracts, and how it becomes checked details.

use async_graphql::{ID, InputObject};
use chrono::NaiveDate;
use domain::contracts::{
    ContractArea, ContractStatus, ContractTerm, ContractTerms, ContractType, InvalidTerm, NoticeTerms,
};
use domain::products::ProductScope;
use domain::text::Passage;
use entity::contracts::contract;
use serde::Serialize;

use crate::contracts::{Agreement, Clauses, ContractDetails};
use crate::error::{OfField as _, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::territories::graphql::parse;

/// What a contract says. Each empty list means no restriction.
#[derive(Debug, InputObject, Serialize)]
pub struct ContractTermsInput {
    /// What the partner may sell.
    #[graphql(default)]
    pub products: Vec<String>,
    /// Where: codes such as `JP-13`.
    #[graphql(default)]
    pub prefectures: Vec<String>,
    /// To which industries: letters `A` to `T`.
    #[graphql(default)]
    pub industries: Vec<String>,
    /// How many calendar days before the end notice is due.
    #[graphql(default = 90)]
    pub notice_days: i32,
    /// Whether it renews by itself.
    #[graphql(default)]
    pub auto_renew: bool,
    /// How long each renewal runs.
    #[graphql(default = 12)]
    pub renewal_term_months: i32,
    /// What it costs the partner.
    pub price_terms: Option<String>,
    /// When and how it is paid.
    pub payment_terms: Option<String>,
    /// How it may be ended.
    pub termination_terms: Option<String>,
    /// What neither side may do.
    #[graphql(default)]
    pub clauses: ContractClausesInput,
    /// What follows when targets are missed.
    pub shortfall_action: Option<String>,
    /// Whose courts decide.
    pub jurisdiction: Option<String>,
}

/// What neither side may do.
#[derive(Debug, Default, InputObject, Serialize)]
pub struct ContractClausesInput {
    /// Secrets.
    pub nda: Option<String>,
    /// Competing products.
    pub non_compete: Option<String>,
    /// Intellectual property.
    pub ip: Option<String>,
}

/// A new contract.
#[derive(Debug, InputObject)]
pub struct CreateContractInput {
    /// The partner.
    pub partner_id: ID,
    /// What is agreed.
    pub contract_type: ContractType,
    /// By which people name it; renewals keep it.
    pub number: String,
    /// The first date.
    pub start_date: NaiveDate,
    /// The last date.
    pub end_date: NaiveDate,
    /// What it says.
    pub terms: ContractTermsInput,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A change of a draft. What is left out stays.
#[derive(Debug, InputObject, Serialize)]
pub struct UpdateContractInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// What is agreed.
    pub contract_type: Option<ContractType>,
    /// By which people name it.
    pub number: Option<String>,
    /// The first date.
    pub start_date: Option<NaiveDate>,
    /// The last date.
    pub end_date: Option<NaiveDate>,
    /// What it says; replaces all of it.
    pub terms: Option<ContractTermsInput>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A step of a contract before it is signed.
#[derive(Debug, InputObject)]
pub struct MoveContractInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// Where to: `LEGAL_REVIEW`, `SENT`, or back to `DRAFT`.
    pub to: ContractStatus,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// The signing of a contract.
#[derive(Debug, InputObject)]
pub struct SignContractInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// When both sides had signed; today when left out.
    pub signed_on: Option<NaiveDate>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An amendment.
#[derive(Debug, InputObject)]
pub struct AmendContractInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// From which date on, within the term.
    pub effective_on: NaiveDate,
    /// What it is about.
    pub summary: Option<String>,
    /// What the contract says from then on; replaces all of it.
    pub terms: ContractTermsInput,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A notice.
#[derive(Debug, InputObject)]
pub struct GiveContractNoticeInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// When it was given; today when left out.
    pub given_on: Option<NaiveDate>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// An early end.
#[derive(Debug, InputObject)]
pub struct TerminateContractInput {
    /// The contract.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// The first date on which it does not bind any more, in Japan: today at the earliest.
    pub on: NaiveDate,
    /// Why.
    pub reason: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl ContractTermsInput {
    pub(super) fn agreement(&self) -> Result<Agreement> {
        Ok(Agreement {
            terms: ContractTerms {
                products: ProductScope::checked(self.products.iter().map(String::as_str))
                    .of_field("products")?,
                area: ContractArea {
                    prefectures: parse(&self.prefectures).of_field("prefectures")?,
                    industries: parse(&self.industries).of_field("industries")?,
                },
                notice: self.notice()?,
            },
            price_terms: passage(self.price_terms.as_deref()).of_field("priceTerms")?,
            payment_terms: passage(self.payment_terms.as_deref()).of_field("paymentTerms")?,
            termination_terms: passage(self.termination_terms.as_deref()).of_field("terminationTerms")?,
            clauses: self.clauses.checked().of_field("clauses")?,
            shortfall_action: passage(self.shortfall_action.as_deref()).of_field("shortfallAction")?,
            jurisdiction: passage(self.jurisdiction.as_deref()).of_field("jurisdiction")?,
        })
    }

    fn notice(&self) -> Result<NoticeTerms> {
        let days = self.notice_days.try_into().map_err(|_| InvalidTerm::NoticeTooLong);
        let months = self.renewal_term_months.try_into().map_err(|_| InvalidTerm::RenewalTermMissing);
        Ok(NoticeTerms {
            notice_days: days.of_field("noticeDays")?,
            auto_renew: self.auto_renew,
            renewal_term_months: months.of_field("renewalTermMonths")?,
        })
    }
}

impl ContractClausesInput {
    fn checked(&self) -> Result<Clauses> {
        Ok(Clauses {
            nda: passage(self.nda.as_deref()).of_field("nda")?,
            non_compete: passage(self.non_compete.as_deref()).of_field("nonCompete")?,
            ip: passage(self.ip.as_deref()).of_field("ip")?,
        })
    }
}

impl CreateContractInput {
    pub(super) fn details(&self) -> Result<ContractDetails> {
        Ok(ContractDetails {
            partner: NodeId::decode(&self.partner_id, NodeType::Partner).of_field("partnerId")?,
            contract_type: self.contract_type,
            number: self.number.parse().of_field("number")?,
            term: ContractTerm::new(self.start_date, self.end_date)?,
            agreement: self.terms.agreement().of_field("terms")?,
        })
    }
}

impl UpdateContractInput {
    pub(super) fn details(&self, before: &contract::Model, agreement: Agreement) -> Result<ContractDetails> {
        let start = self.start_date.unwrap_or(before.start_date);
        let end = self.end_date.unwrap_or(before.end_date);
        Ok(ContractDetails {
            partner: before.partner_id,
            contract_type: self.contract_type.unwrap_or(before.contract_type),
            number: self.number.as_ref().unwrap_or(&before.number).parse().of_field("number")?,
            term: ContractTerm::new(start, end)?,
            agreement: self
                .terms
                .as_ref()
                .map_or(Ok(agreement), ContractTermsInput::agreement)
                .of_field("terms")?,
        })
    }
}

pub(super) fn passage(text: Option<&str>) -> Result<Option<Passage>> {
    Ok(text.map(str::parse).transpose()?)
}
