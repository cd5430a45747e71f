//! Which account a lead belongs to, found by its company.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::settlement;
use entity::leads::golden_lead;
use mastering::golden_record::GoldenRecord;
use mastering::matching::blocking::{self, BlockingKey};
use mastering::matching::features::Features;
use mastering::matching::link_account;
use rayon::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::accounts_ahead::AccountsAhead;
use super::facts::{self, News};
use super::index::Index;
use super::lead_accounts;
use super::matching;
use super::service::Engine;
use crate::error::{Error, Result};
use crate::platform::database::chunk_size;

/// What the company of a lead leads to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Employer {
    /// The account, if exactly one fits.
    pub(super) account: Option<GoldenId>,
    /// By which a later account finds the lead.
    pub(super) company_key: Option<i64>,
}

/// The employers of these leads.
pub(super) async fn find<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: impl Iterator<Item = (GoldenId, &'a GoldenRecord)>,
) -> Result<BTreeMap<GoldenId, Employer>> {
    find_ahead(db, engine, leads, &AccountsAhead::default()).await
}

/// How many of these leads would belong to another account than they do, or to none.
pub(super) async fn elsewhere<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: impl Iterator<Item = (GoldenId, &'a GoldenRecord)>,
    ahead: &AccountsAhead,
) -> Result<usize> {
    let employers = find_ahead(db, engine, leads, ahead).await?;
    Ok(lead_accounts::moved(db, &employers).await?.len())
}

async fn find_ahead<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: impl Iterator<Item = (GoldenId, &'a GoldenRecord)>,
    ahead: &AccountsAhead,
) -> Result<BTreeMap<GoldenId, Employer>> {
    let leads: Vec<_> = leads.collect();
    let leads: Vec<(GoldenId, Features, Vec<BlockingKey>)> = tokio::task::block_in_place(|| {
        let prepared = leads.into_par_iter().map(|(id, golden)| {
            let features = Features::of(RecordKind::Lead, &golden.values(), None);
            let keys = blocking::company_keys(&features);
            (id, features, keys)
        });
        prepared.collect()
    });
    let all_keys = leads.iter().flat_map(|(_, _, keys)| keys.iter().copied());
    let index = Index { db, policy: &engine.policies.matching, kind: RecordKind::Account };
    let blocks = index.open_blocks(all_keys, ahead.closed()).await?;
    let ids: BTreeSet<SourceRecordId> = blocks.values().flatten().copied().collect();
    let stored = facts::by_ids(db, &ids.into_iter().collect::<Vec<_>>()).await?;
    let accounts = matching::prepare(db, RecordKind::Account, stored).await?;
    let policy = &engine.policies.matching;
    let employer = |features: &Features, keys: &[BlockingKey]| {
        let ids: BTreeSet<_> = keys.iter().filter_map(|key| blocks.get(key)).flatten().collect();
        let fitting = ids.into_iter().filter_map(|id| accounts.get(id));
        let fitting = fitting.filter_map(|it| Some((ahead.golden_of(&it.fact)?, &it.features)));
        Employer {
            account: link_account(policy, features, fitting).map(|it| it.account),
            company_key: blocking::company_name_key(features).map(|it| it.0),
        }
    };
    Ok(tokio::task::block_in_place(|| {
        leads.par_iter().map(|(id, features, keys)| (*id, employer(features, keys))).collect()
    }))
}

/// Links leads that waited for one of these accounts. Nothing else of them changes.
pub(super) async fn link_waiting(
    db: &impl ConnectionTrait,
    engine: &Engine,
    news: &[News],
    now: DateTime<Utc>,
) -> Result<()> {
    let waiting = waiting_for(db, news).await?;
    link(db, engine, &waiting, now).await
}

/// Looks again for the accounts of leads whose account was joined with another, or fell apart.
pub(super) async fn link_again(
    db: &impl ConnectionTrait,
    engine: &Engine,
    accounts: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<()> {
    let leads = at(db, accounts).await?;
    link(db, engine, &leads, now).await
}

/// The leads whose company has led to one of these accounts.
pub(super) async fn at(db: &impl ConnectionTrait, accounts: &[GoldenId]) -> Result<Vec<GoldenId>> {
    let mut leads: Vec<GoldenId> = Vec::new();
    for chunk in accounts.chunks(chunk_size(1)) {
        let found = golden_lead::Entity::find()
            .select_only()
            .column(golden_lead::Column::Id)
            .filter(golden_lead::Column::AccountId.is_in(chunk.iter().copied()))
            // A lead that was converted follows its reference.
            .filter(golden_lead::Column::ConvertedAccountRef.is_null())
            .filter(golden_lead::Column::RedirectTo.is_null());
        leads.extend(found.into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(leads)
}

/// Links leads to the accounts that their companies lead to now.
async fn link(
    db: &impl ConnectionTrait,
    engine: &Engine,
    ids: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<()> {
    use golden_lead::Column;
    let leads = settled(db, ids).await?;
    let employers = find(db, engine, leads.iter().map(|(id, golden)| (*id, golden))).await?;
    lead_accounts::note(db, &employers, now).await?;
    let mut by_account: BTreeMap<Option<GoldenId>, Vec<GoldenId>> = BTreeMap::new();
    for (lead, employer) in employers {
        by_account.entry(employer.account).or_default().push(lead);
    }
    for (account, leads) in by_account {
        for chunk in leads.chunks(chunk_size(1)) {
            golden_lead::Entity::update_many()
                .col_expr(Column::AccountId, Expr::value(account))
                .col_expr(Column::Version, Expr::col(Column::Version).add(1))
                .col_expr(Column::UpdatedAt, Expr::value(now))
                .filter(Column::Id.is_in(chunk.iter().copied()))
                .filter(differs(account))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

/// These leads as their stored traces tell.
pub(super) async fn settled(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
) -> Result<Vec<(GoldenId, GoldenRecord)>> {
    let mut leads = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(chunk_size(1)) {
        let traces =
            settlement::Entity::find().filter(settlement::Column::GoldenId.is_in(chunk.iter().copied()));
        for row in traces.all(db).await? {
            let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
            leads.push((row.golden_id, golden));
        }
    }
    Ok(leads)
}

/// Leads that point at another account, or at none.
fn differs(account: Option<GoldenId>) -> Condition {
    let other = golden_lead::Column::AccountId.is_not_null();
    match account {
        None => Condition::all().add(other),
        Some(account) => Condition::any()
            .add(golden_lead::Column::AccountId.is_null())
            .add(golden_lead::Column::AccountId.ne(account)),
    }
}

/// Leads without an account whose company is named like one of these accounts.
async fn waiting_for(db: &impl ConnectionTrait, news: &[News]) -> Result<Vec<GoldenId>> {
    let key = |it: &News| {
        let features = Features::of(RecordKind::Account, &it.fact.states.values(), None);
        blocking::company_name_key(&features).map(|it| it.0)
    };
    let keys: BTreeSet<i64> = news.iter().filter_map(key).collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let mut waiting = Vec::new();
    for chunk in keys.chunks(chunk_size(1)) {
        let ids: Vec<GoldenId> = golden_lead::Entity::find()
            .select_only()
            .column(golden_lead::Column::Id)
            .filter(golden_lead::Column::AccountId.is_null())
            .filter(golden_lead::Column::RedirectTo.is_null())
            .filter(golden_lead::Column::ArchivedAt.is_null())
            .filter(golden_lead::Column::CompanyKey.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        waiting.extend(ids);
    }
    Ok(waiting)
}
