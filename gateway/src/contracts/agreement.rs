//! What is agreed in a contract: as somebody enters it, as it is stored, and as rules see it.

use chrono::NaiveDate;
use domain::contracts::{
    ContractArea, ContractFacts, ContractTerm, ContractTerms, ContractType, ContractVersions, NoticeTerms,
};
use domain::ids::{ContractId, PartnerId};
use domain::products::InvalidProduct;
use domain::text::{Name, Passage};
use entity::contracts::{contract, contract_version};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::database::{join_codes, split_codes};

/// A contract as it is to be.
#[derive(Debug, Clone, Serialize)]
pub struct ContractDetails {
    /// With whom.
    pub partner: PartnerId,
    /// What is agreed.
    pub contract_type: ContractType,
    /// By which people name it; renewals keep it.
    pub number: Name,
    /// When it runs.
    pub term: ContractTerm,
    /// What it says.
    pub agreement: Agreement,
}

/// What a contract says.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    /// What rules ask for.
    pub terms: ContractTerms,
    /// What it costs the partner.
    pub price_terms: Option<Passage>,
    /// When and how it is paid.
    pub payment_terms: Option<Passage>,
    /// How it may be ended.
    pub termination_terms: Option<Passage>,
    /// What neither side may do.
    pub clauses: Clauses,
    /// What follows when targets are missed.
    pub shortfall_action: Option<Passage>,
    /// Whose courts decide.
    pub jurisdiction: Option<Passage>,
}

/// What neither side may do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Clauses {
    /// Secrets.
    pub nda: Option<Passage>,
    /// Competing products.
    pub non_compete: Option<Passage>,
    /// Intellectual property.
    pub ip: Option<Passage>,
}

/// Which version of which contract.
pub(super) struct VersionKey {
    pub(super) contract: ContractId,
    /// From 1.
    pub(super) number: i32,
    pub(super) effective_on: NaiveDate,
}

impl Agreement {
    /// The agreement as a version is stored.
    pub(super) fn row(
        self,
        ctx: &RequestContext,
        key: VersionKey,
        summary: Option<String>,
    ) -> contract_version::Model {
        let text = |it: Option<Passage>| it.map(String::from);
        let whole = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
        let ContractTerms { products, area, notice } = self.terms;
        contract_version::Model {
            id: ctx.clock.new_id(),
            contract_id: key.contract,
            number: key.number,
            effective_on: key.effective_on,
            summary,
            products: products.to_string(),
            prefectures: join_codes(&area.prefectures),
            industries: join_codes(&area.industries),
            notice_days: whole(notice.notice_days),
            auto_renew: notice.auto_renew,
            renewal_term_months: whole(notice.renewal_term_months),
            price_terms: text(self.price_terms),
            payment_terms: text(self.payment_terms),
            termination_terms: text(self.termination_terms),
            clause_nda: text(self.clauses.nda),
            clause_non_compete: text(self.clauses.non_compete),
            clause_ip: text(self.clauses.ip),
            shortfall_action: text(self.shortfall_action),
            jurisdiction: text(self.jurisdiction),
            created_at: ctx.now,
            created_by: ctx.caller.subject.clone(),
        }
    }

    /// A stored version as somebody would enter it.
    pub(super) fn of(row: &contract_version::Model) -> Result<Self> {
        let text = |it: &Option<String>| it.as_deref().map(str::parse::<Passage>).transpose();
        Ok(Self {
            terms: terms(row)?,
            price_terms: text(&row.price_terms)?,
            payment_terms: text(&row.payment_terms)?,
            termination_terms: text(&row.termination_terms)?,
            clauses: Clauses {
                nda: text(&row.clause_nda)?,
                non_compete: text(&row.clause_non_compete)?,
                ip: text(&row.clause_ip)?,
            },
            shortfall_action: text(&row.shortfall_action)?,
            jurisdiction: text(&row.jurisdiction)?,
        })
    }
}

/// When a contract runs.
pub(super) fn term(row: &contract::Model) -> Result<ContractTerm> {
    ContractTerm::new(row.start_date, row.end_date).map_err(Error::internal)
}

/// A contract with its versions, in the order of their numbers, as rules see it.
pub(super) fn facts(row: &contract::Model, versions: &[contract_version::Model]) -> Result<ContractFacts> {
    let (first, amendments) =
        versions.split_first().ok_or_else(|| Error::internal(anyhow::anyhow!("a contract without terms")))?;
    let mut all = ContractVersions::new(term(row)?, terms(first)?).map_err(Error::internal)?;
    for amendment in amendments {
        all = all.amend(amendment.effective_on, terms(amendment)?).map_err(Error::internal)?;
    }
    Ok(ContractFacts {
        status: row.status,
        notice_given_on: row.notice_given_on,
        terminated_on: row.terminated_on,
        versions: all,
    })
}

/// What rules ask of a version.
fn terms(row: &contract_version::Model) -> Result<ContractTerms> {
    let whole = |it: i32| u32::try_from(it).map_err(Error::internal);
    Ok(ContractTerms {
        products: row.products.parse().map_err(|it: InvalidProduct| Error::internal(it))?,
        area: ContractArea {
            prefectures: split_codes(&row.prefectures)?,
            industries: split_codes(&row.industries)?,
        },
        notice: NoticeTerms {
            notice_days: whole(row.notice_days)?,
            auto_renew: row.auto_renew,
            renewal_term_months: whole(row.renewal_term_months)?,
        },
    })
}
