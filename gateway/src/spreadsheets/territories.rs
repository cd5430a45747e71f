//! The sheet of territories: a row is a territory, told by all it says but its end. A new end ends it.

use domain::products::ProductScope;
use domain::territories::TerritoryAssignment;
use sea_orm::DatabaseTransaction;

use super::cells::{Cells, industry, prefecture, unreadable};
use super::columns::*;
use super::import::{Outcome, Taken};
use super::partners::called;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::territories::service;

pub(super) async fn take(txn: &DatabaseTransaction, ctx: &RequestContext, cells: Cells<'_>) -> Result<Taken> {
    let accounts = cells.several(NAMED_ACCOUNTS, |it| {
        NodeId::plain_or_global(it, NodeType::Account).ok().map(domain::ids::GoldenId)
    });
    let wanted = TerritoryAssignment {
        partner: called(txn, ctx, cells.needed(PARTNER)?, PARTNER).await?,
        prefectures: cells.several(PREFECTURES, prefecture)?,
        industries: cells.several(INDUSTRIES, industry)?,
        products: ProductScope::checked(cells.words(PRODUCTS))?,
        named_accounts: accounts.map_err(|_| unreadable(NAMED_ACCOUNTS, "write global ids of accounts"))?,
        is_exclusive: cells.yes(IS_EXCLUSIVE)?,
        valid_from: cells.needed_date(VALID_FROM)?,
        valid_until: cells.date(VALID_UNTIL)?,
    };
    let known = service::all(txn, ctx, Some(wanted.partner)).await?;
    let same = |it: &TerritoryAssignment| {
        TerritoryAssignment { valid_until: wanted.valid_until, ..it.clone() } == wanted
    };
    let (row, outcome) = match (known.into_iter().find(|(_, it)| same(it)), wanted.valid_until) {
        (Some((row, known)), until) if known.valid_until == until => (row, Outcome::Unchanged),
        (Some((row, _)), Some(until)) => {
            (service::end_in(txn, ctx, row, until, None).await?, Outcome::Updated)
        }
        _ => (service::assign_in(txn, ctx, wanted).await?, Outcome::Created),
    };
    Ok(Taken { id: row.id.into(), outcome })
}
