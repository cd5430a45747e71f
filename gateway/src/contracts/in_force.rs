//! What rules ask of contracts: which bind a partner on a date, and what they cover.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::calendar::start_of_day;
use domain::contracts::{ContractTerms, ContractType};
use domain::ids::{ContractId, PartnerId};
use domain::kpis::window::Span;
use sea_orm::ConnectionTrait;

use super::agreement::facts;
use super::store;
use crate::error::Result;

/// A contract that binds a partner on the date that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractInForce {
    /// Which.
    pub id: ContractId,
    /// Whom.
    pub partner: PartnerId,
    /// What is agreed.
    pub contract_type: ContractType,
    /// Which version holds, from 1.
    pub version: usize,
    /// What it says then.
    pub terms: ContractTerms,
}

/// The contracts of these partners by which they may sell on a date, in any order of dates: a question about the past is
/// answered from what was agreed then. Non-disclosure agreements are not among them.
pub async fn in_force_on(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    date: NaiveDate,
) -> Result<Vec<ContractInForce>> {
    let rows = store::binding_candidates(db, partners, date).await?;
    let rows: Vec<_> = rows.into_iter().filter(|it| it.contract_type.is_commercial()).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let versions = store::versions(db, &rows.iter().map(|it| it.id).collect::<Vec<_>>()).await?;
    let mut binding = Vec::new();
    for row in rows {
        let facts = facts(&row, versions.get(&row.id).map(Vec::as_slice).unwrap_or_default())?;
        if let Some((version, terms)) = facts.binding_on(date) {
            binding.push(ContractInForce {
                id: row.id,
                partner: row.partner_id,
                contract_type: row.contract_type,
                version,
                terms: terms.clone(),
            });
        }
    }
    Ok(binding)
}

/// When these partners, or all, had a contract by which they may sell: a span for each contract, a renewal being another.
pub async fn spans(
    db: &impl ConnectionTrait,
    partners: Option<&[PartnerId]>,
) -> Result<BTreeMap<PartnerId, Vec<Span>>> {
    let mut spans: BTreeMap<PartnerId, Vec<Span>> = BTreeMap::new();
    for row in store::signed(db, partners).await? {
        if !row.contract_type.is_commercial() {
            continue;
        }
        let end = row.end_date.succ_opt().unwrap_or(NaiveDate::MAX);
        let end = row.terminated_on.map_or(end, |it| it.min(end));
        let span = Span { from: start_of_day(row.start_date), until: Some(start_of_day(end)) };
        spans.entry(row.partner_id).or_default().push(span);
    }
    Ok(spans)
}

/// Whether a contract of the partner, also a non-disclosure agreement, is signed and has not ended.
pub async fn has_signed(db: &impl ConnectionTrait, partner: PartnerId) -> Result<bool> {
    Ok(store::has_signed(db, partner).await?)
}
