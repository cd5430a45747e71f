//! The sheet of partners: a row is a partner, told by its corporate number, or else by its registered name.

use domain::ids::PartnerId;
use domain::partners::{PartnerStatus, PartnerType};
use entity::partners::partner;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::cells::{Cells, by_code_or_label, coded, names, unreadable};
use super::columns::*;
use super::import::{Outcome, Taken};
use crate::error::{NotFound, Result};
use crate::partners::service::{self, PartnerDetails};
use crate::platform::context::RequestContext;

pub(super) async fn take(txn: &DatabaseTransaction, ctx: &RequestContext, cells: Cells<'_>) -> Result<Taken> {
    let before = existing(txn, ctx, cells).await?;
    let known = match &before {
        Some(row) => Some(service::details_of(row, service::managers_of(txn, row.id).await?)?),
        None => None,
    };
    let parent = match cells.cell(PARENT) {
        None => known.as_ref().and_then(|it| it.parent),
        Some(None) => None,
        Some(Some(text)) => Some(called(txn, ctx, text, PARENT).await?),
    };
    let details = details(cells, known.clone(), parent)?;
    let (row, outcome) = match before {
        None => (service::create_in(txn, ctx, &details).await?, Outcome::Created),
        Some(before) if known.is_some_and(|it| json!(it) == json!(details)) => (before, Outcome::Unchanged),
        Some(before) => (service::update_in(txn, ctx, &before, &details).await?, Outcome::Updated),
    };
    Ok(Taken { id: row.id.into(), outcome })
}

/// The one partner that a cell means.
pub(super) async fn called(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    text: &str,
    column: Column,
) -> Result<PartnerId> {
    match &service::called(txn, ctx, text).await?[..] {
        [] => Err(NotFound("partner").into()),
        [one] => Ok(one.id),
        _ => Err(unreadable(column, "several partners have this name; write the corporate number")),
    }
}

async fn existing(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    cells: Cells<'_>,
) -> Result<Option<partner::Model>> {
    if let Some(number) = cells.text(CORPORATE_NUMBER)
        && let [one] = &service::called(txn, ctx, number).await?[..]
    {
        return Ok(Some(one.clone()));
    }
    let mut named = service::called(txn, ctx, cells.needed(LEGAL_NAME)?).await?;
    // Another legal entity may have the same name: it has another number.
    let given = cells.text(CORPORATE_NUMBER);
    named.retain(|it| given.is_none() || it.corporate_number.is_none());
    match named.len() {
        0 | 1 => Ok(named.pop()),
        _ => Err(unreadable(LEGAL_NAME, "several partners have this name; add the corporate number")),
    }
}

fn details(
    cells: Cells<'_>,
    before: Option<PartnerDetails>,
    parent: Option<PartnerId>,
) -> Result<PartnerDetails> {
    let known = before.as_ref();
    let types = match cells.text(TYPES) {
        None => known.map(|it| it.types.clone()).unwrap_or_default(),
        Some(_) => {
            cells.several(TYPES, |it| by_code_or_label(PartnerType::ALL.iter().copied(), it, names!()))?
        }
    };
    let managers = match cells.cell(MANAGERS) {
        None => known.map(|it| it.managers.clone()).unwrap_or_default(),
        Some(_) => cells.words(MANAGERS).map(str::to_owned).collect(),
    };
    let status = coded!(cells, STATUS, PartnerStatus)?;
    Ok(PartnerDetails {
        legal_name: cells.needed(LEGAL_NAME)?.parse()?,
        legal_name_kana: cells.over(LEGAL_NAME_KANA, known.and_then(|it| it.legal_name_kana.clone()))?,
        display_name_ja: cells.over(DISPLAY_NAME_JA, known.and_then(|it| it.display_name_ja.clone()))?,
        display_name_en: cells.over(DISPLAY_NAME_EN, known.and_then(|it| it.display_name_en.clone()))?,
        corporate_number: cells.over(CORPORATE_NUMBER, known.and_then(|it| it.corporate_number.clone()))?,
        invoice_registration_no: cells
            .over(INVOICE_REGISTRATION_NO, known.and_then(|it| it.invoice_registration_no.clone()))?,
        types,
        status: status.or(known.map(|it| it.status)).unwrap_or(PartnerStatus::Prospect),
        parent,
        managers,
        crm_account_ref: cells.over(CRM_ACCOUNT_REF, known.and_then(|it| it.crm_account_ref.clone()))?,
    })
}
