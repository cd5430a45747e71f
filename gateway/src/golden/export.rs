//! All golden records in one canonical form: equal stores give equal bytes.
//!
//! Ids of ours and times of reading are left out, for they differ between stores that agree. What remains is what
//! people see and why: members, values, deciding rules, losers, and where references lead.

use std::collections::BTreeMap;
use std::io::Write;

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::golden::settlement;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use mastering::canonical;
use mastering::golden_record::GoldenRecord;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::error::{Error, Result};
use crate::platform::database::Database;

/// Traces read at once.
const PAGE: u64 = 2_000;

/// Writes one line of JSON per golden record, sorted; returns how many.
pub async fn export(database: &Database, out: &mut (dyn Write + Send)) -> Result<usize> {
    let db = database.read();
    let accounts = first_sources(db).await?;
    let mut count = 0;
    for &kind in RecordKind::ALL {
        let edges = edges(db, kind).await?;
        let mut lines = lines(db, kind, &edges, &accounts).await?;
        lines.sort_unstable();
        count += lines.len();
        for line in lines {
            writeln!(out, "{line}").map_err(Error::internal)?;
        }
    }
    Ok(count)
}

/// By which an account is named where ours differ: its first source record.
async fn first_sources(db: &impl ConnectionTrait) -> Result<BTreeMap<GoldenId, String>> {
    let mut names = BTreeMap::new();
    for (id, golden) in all(db, RecordKind::Account).await? {
        if let Some(source) = golden.sources().first() {
            names.insert(id, source.to_string());
        }
    }
    Ok(names)
}

async fn lines(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    edges: &BTreeMap<GoldenId, GoldenId>,
    accounts: &BTreeMap<GoldenId, String>,
) -> Result<Vec<String>> {
    let line = |(id, golden): (GoldenId, GoldenRecord)| {
        let account = edges.get(&id).and_then(|it| accounts.get(it));
        format!(r#"{{"record":{},"account":{}}}"#, canonical::line(&golden), json!(account))
    };
    Ok(all(db, kind).await?.into_iter().map(line).collect())
}

async fn all(db: &impl ConnectionTrait, kind: RecordKind) -> Result<Vec<(GoldenId, GoldenRecord)>> {
    let mut records = Vec::new();
    let mut behind: Option<GoldenId> = None;
    loop {
        let mut query = settlement::Entity::find().filter(settlement::Column::Kind.eq(kind));
        if let Some(id) = behind {
            query = query.filter(settlement::Column::GoldenId.gt(id));
        }
        let page = query.order_by_asc(settlement::Column::GoldenId).limit(PAGE).all(db).await?;
        let Some(last) = page.last() else { return Ok(records) };
        behind = Some(last.golden_id);
        for row in page {
            records
                .push((row.golden_id, GoldenRecord::from_trace(kind, &row.trace).map_err(Error::internal)?));
        }
    }
}

/// The account that each golden record of a kind points at.
async fn edges(db: &impl ConnectionTrait, kind: RecordKind) -> Result<BTreeMap<GoldenId, GoldenId>> {
    match kind {
        RecordKind::Account => {
            edges_of::<golden_account::Entity>(
                db,
                golden_account::Column::Id,
                golden_account::Column::ParentId,
            )
            .await
        }
        RecordKind::Contact => {
            edges_of::<golden_contact::Entity>(
                db,
                golden_contact::Column::Id,
                golden_contact::Column::AccountId,
            )
            .await
        }
        RecordKind::Lead => {
            edges_of::<golden_lead::Entity>(db, golden_lead::Column::Id, golden_lead::Column::AccountId).await
        }
        RecordKind::Opportunity => {
            edges_of::<golden_opportunity::Entity>(
                db,
                golden_opportunity::Column::Id,
                golden_opportunity::Column::AccountId,
            )
            .await
        }
    }
}

async fn edges_of<E: EntityTrait>(
    db: &impl ConnectionTrait,
    id: E::Column,
    reference: E::Column,
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    let edges: Vec<(GoldenId, GoldenId)> = E::find()
        .select_only()
        .column(id)
        .column(reference)
        .filter(reference.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(edges.into_iter().collect())
}
