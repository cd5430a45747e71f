//! What is here as a sheet: the same columns that an import reads, so that taking it in again changes nothing.

use std::collections::HashMap;
use std::io::Write;

use chrono::NaiveDate;
use domain::ids::PartnerId;
use domain::text::{Name, Passage};

use super::SheetKind;
use super::columns::{self, Column};
use super::formulas::quoted;
use crate::contracts;
use crate::error::{Error, Result};
use crate::partners::{service as partners, users};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::territories;

/// Spreadsheets know by it that a file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes all rows of a kind that the caller sees. Gives how many.
pub async fn export(ctx: &RequestContext, kind: SheetKind, mut out: impl Write) -> Result<usize> {
    let (columns, rows) = match kind {
        SheetKind::Partner => (columns::PARTNERS, partner_rows(ctx).await?),
        SheetKind::PartnerUser => (columns::USERS, user_rows(ctx).await?),
        SheetKind::Contract => (columns::CONTRACTS, contract_rows(ctx).await?),
        SheetKind::Territory => (columns::TERRITORIES, territory_rows(ctx).await?),
    };
    out.write_all(BYTE_ORDER_MARK).map_err(Error::internal)?;
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns.iter().map(|it: &Column| it.name)).map_err(Error::internal)?;
    for row in &rows {
        writer.write_record(row.iter().map(|it| quoted(it))).map_err(Error::internal)?;
    }
    writer.flush().map_err(Error::internal)?;
    Ok(rows.len())
}

type Rows = Vec<Vec<String>>;

async fn partner_rows(ctx: &RequestContext) -> Result<Rows> {
    let all = partners::all(ctx.read(), ctx).await?;
    let names = names(&all);
    let mut rows = Vec::new();
    for row in &all {
        let managers = partners::managers_of(ctx.read(), row.id).await?;
        let it = partners::details_of(row, managers)?;
        rows.push(vec![
            it.legal_name.into(),
            text(it.legal_name_kana),
            text(it.display_name_ja),
            text(it.display_name_en),
            it.corporate_number.map(|it| it.to_string()).unwrap_or_default(),
            it.invoice_registration_no.map(String::from).unwrap_or_default(),
            it.types.iter().map(|it| it.code()).collect::<Vec<_>>().join(","),
            it.status.code().to_owned(),
            it.parent.and_then(|it| names.get(&it).cloned()).unwrap_or_default(),
            it.managers.into_iter().collect::<Vec<_>>().join(","),
            text(it.crm_account_ref),
        ]);
    }
    Ok(rows)
}

async fn user_rows(ctx: &RequestContext) -> Result<Rows> {
    let names = names(&partners::all(ctx.read(), ctx).await?);
    let users = users::all(ctx.read(), ctx).await?.into_iter();
    let row = |it: entity::partners::partner_user::Model| {
        vec![
            names.get(&it.partner_id).cloned().unwrap_or_default(),
            it.family_name,
            it.given_name,
            it.family_name_kana.unwrap_or_default(),
            it.given_name_kana.unwrap_or_default(),
            it.email,
            it.job_function.code().to_owned(),
            it.role.code().to_owned(),
            it.status.code().to_owned(),
        ]
    };
    Ok(users.map(row).collect())
}

async fn contract_rows(ctx: &RequestContext) -> Result<Rows> {
    let names = names(&partners::all(ctx.read(), ctx).await?);
    let mut rows = Vec::new();
    for (row, it) in contracts::service::all_first(ctx.read(), ctx).await? {
        let notice = it.terms.notice;
        rows.push(vec![
            names.get(&row.partner_id).cloned().unwrap_or_default(),
            row.number,
            row.contract_type.code().to_owned(),
            row.start_date.to_string(),
            row.end_date.to_string(),
            date(row.signed_on),
            it.terms.products.to_string(),
            list(&it.terms.area.prefectures),
            list(&it.terms.area.industries),
            notice.notice_days.to_string(),
            notice.auto_renew.to_string(),
            notice.renewal_term_months.to_string(),
            passage(it.price_terms),
            passage(it.payment_terms),
            passage(it.termination_terms),
            passage(it.clauses.nda),
            passage(it.clauses.non_compete),
            passage(it.clauses.ip),
            passage(it.shortfall_action),
            passage(it.jurisdiction),
        ]);
    }
    Ok(rows)
}

async fn territory_rows(ctx: &RequestContext) -> Result<Rows> {
    let names = names(&partners::all(ctx.read(), ctx).await?);
    let all = territories::service::all(ctx.read(), ctx, None).await?.into_iter();
    let row = |(_, it): (_, domain::territories::TerritoryAssignment)| {
        let accounts = it.named_accounts.iter().map(|it| NodeId::encode(NodeType::Account, *it).0);
        vec![
            names.get(&it.partner).cloned().unwrap_or_default(),
            list(&it.prefectures),
            list(&it.industries),
            it.products.to_string(),
            accounts.collect::<Vec<_>>().join(","),
            it.is_exclusive.to_string(),
            it.valid_from.to_string(),
            date(it.valid_until),
        ]
    };
    Ok(all.map(row).collect())
}

/// What a sheet calls partners: by the corporate number, or else by the registered name.
fn names(all: &[entity::partners::partner::Model]) -> HashMap<PartnerId, String> {
    let name = |it: &entity::partners::partner::Model| {
        it.corporate_number.clone().unwrap_or_else(|| it.legal_name.clone())
    };
    all.iter().map(|it| (it.id, name(it))).collect()
}

fn text(name: Option<Name>) -> String {
    name.map(String::from).unwrap_or_default()
}

fn passage(text: Option<Passage>) -> String {
    text.map(String::from).unwrap_or_default()
}

fn date(date: Option<NaiveDate>) -> String {
    date.map(|it| it.to_string()).unwrap_or_default()
}

fn list<T: ToString>(codes: &std::collections::BTreeSet<T>) -> String {
    codes.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}
