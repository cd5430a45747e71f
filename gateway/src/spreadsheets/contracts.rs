//! The sheet of contracts: a row is a contract as first agreed, told by its number. With a date of signing it is entered
//! as it stands, and follows its dates; what is here already is not changed by a sheet, but by an amendment.

use domain::contracts::{ContractArea, ContractTerm, ContractTerms, ContractType, InvalidTerm, NoticeTerms};
use domain::products::ProductScope;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::cells::{CellRefusal, Cells, coded, industry, prefecture};
use super::columns::*;
use super::import::{Outcome, Taken};
use super::partners::called;
use crate::contracts::refusal::ContractRefusal;
use crate::contracts::{Agreement, Clauses, ContractDetails, service};
use crate::error::Result;
use crate::platform::context::RequestContext;

pub(super) async fn take(txn: &DatabaseTransaction, ctx: &RequestContext, cells: Cells<'_>) -> Result<Taken> {
    let wanted = ContractDetails {
        partner: called(txn, ctx, cells.needed(PARTNER)?, PARTNER).await?,
        contract_type: coded!(cells, CONTRACT_TYPE, ContractType)?
            .ok_or(CellRefusal::CellBlank { column: CONTRACT_TYPE.name })?,
        number: cells.needed(NUMBER)?.parse()?,
        term: ContractTerm::new(cells.needed_date(START_DATE)?, cells.needed_date(END_DATE)?)?,
        agreement: agreement(cells)?,
    };
    if let Some((row, agreement)) = service::first_under(txn, cells.needed(NUMBER)?).await? {
        let term = ContractTerm::new(row.start_date, row.end_date)?;
        let (partner, contract_type) = (row.partner_id, row.contract_type);
        let known =
            ContractDetails { partner, contract_type, number: wanted.number.clone(), term, agreement };
        return match json!(known) == json!(wanted) {
            true => Ok(Taken { id: row.id.into(), outcome: Outcome::Unchanged }),
            false => Err(ContractRefusal::ContractExists.into()),
        };
    }
    let row = match cells.date(SIGNED_ON)? {
        Some(signed_on) => service::enter_signed_in(txn, ctx, wanted, signed_on).await?,
        None => service::create_in(txn, ctx, wanted).await?,
    };
    Ok(Taken { id: row.id.into(), outcome: Outcome::Created })
}

fn agreement(cells: Cells<'_>) -> Result<Agreement> {
    let passage = |column| cells.parsed(column);
    Ok(Agreement {
        terms: ContractTerms {
            products: ProductScope::checked(cells.words(PRODUCTS))?,
            area: ContractArea {
                prefectures: cells.several(PREFECTURES, prefecture)?,
                industries: cells.several(INDUSTRIES, industry)?,
            },
            notice: notice(cells)?,
        },
        price_terms: passage(PRICE_TERMS)?,
        payment_terms: passage(PAYMENT_TERMS)?,
        termination_terms: passage(TERMINATION_TERMS)?,
        clauses: Clauses {
            nda: passage(CLAUSE_NDA)?,
            non_compete: passage(CLAUSE_NON_COMPETE)?,
            ip: passage(CLAUSE_IP)?,
        },
        shortfall_action: passage(SHORTFALL_ACTION)?,
        jurisdiction: passage(JURISDICTION)?,
    })
}

/// Days and months as `createContract` has them when they are left out.
fn notice(cells: Cells<'_>) -> Result<NoticeTerms> {
    let notice = NoticeTerms {
        notice_days: cells.parsed(NOTICE_DAYS)?.unwrap_or(90),
        auto_renew: cells.yes(AUTO_RENEW)?,
        renewal_term_months: cells.parsed(RENEWAL_TERM_MONTHS)?.unwrap_or(12),
    };
    notice.check().map_err(|it: InvalidTerm| it)?;
    Ok(notice)
}
