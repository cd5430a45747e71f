//! What clients send about registrations, and how it becomes checked details.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::{GoldenId, RegistrationId};
use domain::money::Money;
use domain::registrations::{DealType, RejectCode};
use domain::text::Name;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::error::{OfField as _, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations::service::{Company, Decision, RegistrationDetails};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, InputObject, Serialize)]
pub struct MoneyInput {
    /// In major units, as a decimal text; an amount of yen has no fraction.
    pub amount: Decimal,
    /// ISO 4217 code.
    #[graphql(default_with = "\"JPY\".to_owned()")]
    pub currency: String,
}

/// A new registration. It is a draft: fields that a submission needs may follow.
#[derive(Debug, InputObject, Serialize)]
pub struct CreateRegistrationInput {
    /// For which partner; for staff. Partners register for themselves.
    pub partner_id: Option<ID>,
    /// The customer.
    pub company_name: String,
    /// 法人番号 of the customer: thirteen digits with a right check digit.
    pub corporate_number: Option<String>,
    /// Telephone of the customer.
    pub phone: Option<String>,
    /// Web site of the customer.
    pub website: Option<String>,
    /// Postal code of the customer.
    pub postal_code: Option<String>,
    /// Prefecture of the customer's head office (JIS X 0401, such as `JP-13`).
    pub prefecture: Option<String>,
    /// Industry of the customer (JSIC major group, `A` to `T`).
    pub industry: Option<String>,
    /// The lead it grew from.
    pub lead_id: Option<ID>,
    /// Codes of the products.
    #[graphql(default)]
    pub products: Vec<String>,
    /// Kind of business.
    pub deal_type: Option<DealType>,
    /// Expected amount.
    pub amount: Option<MoneyInput>,
    /// Expected date of the decision.
    pub expected_close: Option<NaiveDate>,
    /// Where it is to be installed (JIS X 0401).
    pub site_prefecture: Option<String>,
    /// Where the document is in which the customer named the partner.
    pub customer_choice_document: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A change of a draft or of a returned registration. What is left out stays; an explicit null clears.
#[derive(Debug, InputObject, Serialize)]
pub struct UpdateRegistrationInput {
    /// The registration.
    pub id: ID,
    /// The version the change is based on.
    pub version: i32,
    /// The customer.
    pub company_name: Option<String>,
    /// 法人番号 of the customer: thirteen digits with a right check digit.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub corporate_number: MaybeUndefined<String>,
    /// Telephone of the customer.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub phone: MaybeUndefined<String>,
    /// Web site of the customer.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub website: MaybeUndefined<String>,
    /// Postal code of the customer.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub postal_code: MaybeUndefined<String>,
    /// Prefecture of the customer's head office (JIS X 0401, such as `JP-13`).
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub prefecture: MaybeUndefined<String>,
    /// Industry of the customer (JSIC major group, `A` to `T`).
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub industry: MaybeUndefined<String>,
    /// The lead it grew from.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub lead_id: MaybeUndefined<ID>,
    /// Codes of the products; replaces the list.
    pub products: Option<Vec<String>>,
    /// Kind of business.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub deal_type: MaybeUndefined<DealType>,
    /// Expected amount.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub amount: MaybeUndefined<MoneyInput>,
    /// Expected date of the decision.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub expected_close: MaybeUndefined<NaiveDate>,
    /// Where it is to be installed (JIS X 0401).
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub site_prefecture: MaybeUndefined<String>,
    /// Where the document is in which the customer named the partner.
    #[serde(skip_serializing_if = "MaybeUndefined::is_undefined")]
    pub customer_choice_document: MaybeUndefined<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

impl CreateRegistrationInput {
    pub(super) fn details(&self) -> Result<RegistrationDetails> {
        let company = Company {
            name: self.company_name.parse().of_field("companyName")?,
            corporate_number: self
                .corporate_number
                .as_deref()
                .map(str::parse)
                .transpose()
                .of_field("corporateNumber")?,
            phone: self.phone.clone(),
            website: self.website.clone(),
            postal_code: self.postal_code.clone(),
            prefecture: self.prefecture.as_deref().map(str::parse).transpose().of_field("prefecture")?,
            industry: self.industry.as_deref().map(str::parse).transpose().of_field("industry")?,
        };
        Ok(RegistrationDetails {
            company: company.checked()?,
            lead: self.lead_id.as_ref().map(lead).transpose().of_field("leadId")?,
            products: self.products.iter().cloned().collect(),
            deal_type: self.deal_type,
            amount: self.amount.as_ref().map(money).transpose().of_field("amount")?,
            expected_close: self.expected_close,
            site_prefecture: self
                .site_prefecture
                .as_deref()
                .map(str::parse)
                .transpose()
                .of_field("sitePrefecture")?,
            customer_choice_document: name(self.customer_choice_document.as_deref())
                .of_field("customerChoiceDocument")?,
        })
    }
}

impl UpdateRegistrationInput {
    pub(super) fn details(&self, before: RegistrationDetails) -> Result<RegistrationDetails> {
        let old = before.company;
        let named = self.company_name.as_deref().map(str::parse).transpose().of_field("companyName")?;
        let company = Company {
            name: named.unwrap_or(old.name),
            corporate_number: kept(&self.corporate_number, old.corporate_number, |it| Ok(it.parse()?))
                .of_field("corporateNumber")?,
            phone: kept(&self.phone, old.phone, |it| Ok(it.clone()))?,
            website: kept(&self.website, old.website, |it| Ok(it.clone()))?,
            postal_code: kept(&self.postal_code, old.postal_code, |it| Ok(it.clone()))?,
            prefecture: kept(&self.prefecture, old.prefecture, |it| Ok(it.parse()?))
                .of_field("prefecture")?,
            industry: kept(&self.industry, old.industry, |it| Ok(it.parse()?)).of_field("industry")?,
        };
        Ok(RegistrationDetails {
            company: company.checked()?,
            lead: kept(&self.lead_id, before.lead, lead).of_field("leadId")?,
            products: self.products.clone().map_or(before.products, |it| it.into_iter().collect()),
            deal_type: kept(&self.deal_type, before.deal_type, |it| Ok(*it))?,
            amount: kept(&self.amount, before.amount, money).of_field("amount")?,
            expected_close: kept(&self.expected_close, before.expected_close, |it| Ok(*it))?,
            site_prefecture: kept(&self.site_prefecture, before.site_prefecture, |it| Ok(it.parse()?))
                .of_field("sitePrefecture")?,
            customer_choice_document: kept(
                &self.customer_choice_document,
                before.customer_choice_document,
                |it| Ok(it.parse()?),
            )
            .of_field("customerChoiceDocument")?,
        })
    }
}

/// The value after the change: what is left out stays, an explicit null clears.
fn kept<G, T>(
    given: &MaybeUndefined<G>,
    before: Option<T>,
    parse: impl FnOnce(&G) -> Result<T>,
) -> Result<Option<T>> {
    match given {
        MaybeUndefined::Undefined => Ok(before),
        MaybeUndefined::Null => Ok(None),
        MaybeUndefined::Value(value) => parse(value).map(Some),
    }
}

fn lead(id: &ID) -> Result<GoldenId> {
    Ok(NodeId::decode(id, NodeType::Lead)?)
}

fn money(given: &MoneyInput) -> Result<Money> {
    Ok(Money::exact(given.amount, &given.currency)?)
}

fn name(text: Option<&str>) -> Result<Option<Name>> {
    Ok(text.map(str::parse).transpose()?)
}

/// One input for each step of a registration that says the same: which one, and why.
macro_rules! steps {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        pub struct $name {
            /// The registration.
            pub registration_id: ID,
            /// Why; its partner reads it.
            pub reason: Option<String>,
            /// The same key gives the same answer: make one for each new request.
            pub idempotency_key: Option<String>,
        }

        impl $name {
            pub(super) fn decision(&self) -> Result<Decision<()>> {
                let id = registration(&self.registration_id).of_field("registrationId")?;
                Ok(Decision { id, reason: self.reason.clone(), detail: () })
            }
        }
    )+};
}

/// One input for each step of which there is nothing more to say than which registration takes it.
macro_rules! plain_steps {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, InputObject)]
        pub struct $name {
            /// The registration.
            pub registration_id: ID,
            /// The same key gives the same answer: make one for each new request.
            pub idempotency_key: Option<String>,
        }
    )+};
}

plain_steps! {
    /// A registration to be handed in.
    SubmitRegistrationInput,
    /// A registration whose customer signed the document that it names.
    ConfirmCustomerChoiceInput,
}

steps! {
    /// A registration to be taken back.
    WithdrawRegistrationInput,
    /// A registration whose partner is asked for more.
    ReturnRegistrationInput,
    /// A registration to be approved; with a reason also against the verdict.
    ApproveRegistrationInput,
    /// A registration whose protection is to be prolonged.
    ExtendRegistrationInput,
    /// A registration to be taken away.
    RevokeRegistrationInput,
}

/// A registration to be rejected.
#[derive(Debug, InputObject)]
pub struct RejectRegistrationInput {
    /// The registration.
    pub registration_id: ID,
    /// What its partner is told.
    pub code: RejectCode,
    /// Why; its partner reads it.
    pub reason: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a registration is to be connected with; what is left out stays.
#[derive(Debug, InputObject)]
pub struct LinkRegistrationInput {
    /// The registration.
    pub registration_id: ID,
    /// The account that is meant.
    pub account_id: Option<ID>,
    /// The lead it grew from.
    pub lead_id: Option<ID>,
    /// The opportunity in the CRM.
    pub opportunity_id: Option<ID>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Something that was done about a deal.
#[derive(Debug, InputObject)]
pub struct RecordRegistrationActivityInput {
    /// The registration.
    pub registration_id: ID,
    /// When it was.
    pub occurred_at: DateTime<Utc>,
    /// What it was.
    pub note: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// The registration behind a global id.
pub(super) fn registration(id: &ID) -> Result<RegistrationId> {
    Ok(NodeId::decode(id, NodeType::DealRegistration)?)
}
