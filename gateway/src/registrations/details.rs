//! What a registration says, checked, and as its row keeps it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::corporate_number::CorporateNumber;
use domain::fields::{Field, account};
use domain::ids::GoldenId;
use domain::money::Money;
use domain::products::ProductScope;
use domain::registrations::{DealType, RegistrationForm};
use domain::territories::{Industry, Prefecture};
use domain::text::Name;
use entity::registrations::deal_registration::Model;
use serde::Serialize;

use crate::error::{Error, OfField as _, Refusal, Result};

/// Most products of one deal.
const MOST_PRODUCTS: usize = 50;

/// Why a form is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FormRefusal {
    /// More products than a deal has.
    #[error("a deal names at most {MOST_PRODUCTS} products; register the others apart")]
    TooManyProducts,
}

impl Refusal for FormRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// The customer as the partner describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Company {
    /// Its name.
    pub name: Name,
    /// 法人番号.
    pub corporate_number: Option<CorporateNumber>,
    /// Telephone.
    pub phone: Option<String>,
    /// Web site.
    pub website: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Of its head office.
    pub prefecture: Option<Prefecture>,
    /// Its industry.
    pub industry: Option<Industry>,
}

/// What a registration says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistrationDetails {
    /// About whom.
    pub company: Company,
    /// The lead it grew from.
    pub lead: Option<GoldenId>,
    /// Product codes.
    pub products: BTreeSet<String>,
    /// Kind of business.
    pub deal_type: Option<DealType>,
    /// Expected amount.
    pub amount: Option<Money>,
    /// Expected date of the decision.
    pub expected_close: Option<NaiveDate>,
    /// Where it is to be installed.
    pub site_prefecture: Option<Prefecture>,
    /// Where the document is that the customer signed.
    pub customer_choice_document: Option<Name>,
}

/// A value of a field of accounts as it is compared; `None` for a blank one.
pub(super) fn canonical(field: Field, given: Option<&str>) -> Result<Option<String>> {
    Ok(given.map(|it| field.canonical(it)).transpose()?.flatten())
}

impl RegistrationDetails {
    /// What a row says.
    pub(super) fn of(row: &Model) -> Result<Self> {
        let stored = |text: &Option<String>| text.clone();
        Ok(Self {
            company: Company {
                name: row.company_name.parse().map_err(Error::internal)?,
                corporate_number: parsed(&row.company_corporate_number)?,
                phone: stored(&row.company_phone),
                website: stored(&row.company_website),
                postal_code: stored(&row.company_postal_code),
                prefecture: parsed(&row.company_prefecture)?,
                industry: parsed(&row.company_industry)?,
            },
            lead: row.lead_id,
            products: products(row).codes().map(str::to_owned).collect(),
            deal_type: row.deal_type,
            amount: amount(row),
            expected_close: row.expected_close,
            site_prefecture: parsed(&row.site_prefecture)?,
            customer_choice_document: parsed(&row.customer_choice_document)?,
        })
    }

    /// Checks what no single field tells.
    pub fn check(&self) -> Result<()> {
        ProductScope::checked(self.products.iter().map(String::as_str)).of_field("products")?;
        match self.products.len() <= MOST_PRODUCTS {
            true => Ok(()),
            false => Err(FormRefusal::TooManyProducts).of_field("products"),
        }
    }

    /// Writes it into a row. Another document has yet to be confirmed.
    pub(super) fn put_into(&self, row: &mut Model) {
        let document = self.customer_choice_document.clone().map(String::from);
        if document != row.customer_choice_document {
            (row.customer_choice_confirmed_at, row.customer_choice_confirmed_by) = (None, None);
        }
        let company = self.company.clone();
        row.company_name = company.name.into();
        row.company_corporate_number = company.corporate_number.map(|it| it.to_string());
        (row.company_phone, row.company_website) = (company.phone, company.website);
        row.company_postal_code = company.postal_code;
        row.company_prefecture = company.prefecture.map(|it| it.to_string());
        row.company_industry = company.industry.map(|it| it.to_string());
        row.lead_id = self.lead;
        row.products = self.products.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        row.deal_type = self.deal_type;
        row.amount_minor = self.amount.as_ref().map(|it| it.minor);
        row.currency = self.amount.as_ref().map(|it| it.currency.clone());
        row.expected_close = self.expected_close;
        row.site_prefecture = self.site_prefecture.map(|it| it.to_string());
        row.customer_choice_document = document;
    }
}

impl Company {
    /// Checks the texts of a company as a partner wrote them.
    pub fn checked(self) -> Result<Self> {
        Ok(Self {
            phone: canonical(account::phone, self.phone.as_deref()).of_field("phone")?,
            website: canonical(account::website, self.website.as_deref()).of_field("website")?,
            postal_code: canonical(account::postal_code, self.postal_code.as_deref())
                .of_field("postalCode")?,
            ..self
        })
    }
}

/// The form that a submission is checked by.
pub(super) fn form(row: &Model) -> RegistrationForm {
    RegistrationForm {
        company_name: row.company_name.clone(),
        products: products(row),
        deal_type: row.deal_type,
        amount: amount(row),
        expected_close: row.expected_close,
    }
}

/// The products of a registration.
pub fn products(row: &Model) -> ProductScope {
    row.products.split(',').filter(|it| !it.is_empty()).collect()
}

/// The amount of a registration.
pub fn amount(row: &Model) -> Option<Money> {
    Some(Money { minor: row.amount_minor?, currency: row.currency.clone()? })
}

/// A stored text as what it was when it was written.
fn parsed<T: std::str::FromStr>(text: &Option<String>) -> Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.as_deref().map(str::parse).transpose().map_err(Error::internal)
}
