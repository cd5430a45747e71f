//! Which account a lead belongs to, found by its company.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::{RecordKind, lead};
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceSystem;
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
use super::facts::{self, Fact};
use super::index::Index;
use super::references::References;
use super::service::Engine;
use super::{lead_accounts, lead_companies, matching};
use crate::error::{Error, Result};
use crate::platform::database::lists;

/// Leads looked at at once.
pub(super) const LEADS: usize = 2_000;

/// What the company of a lead leads to.
#[derive(Debug, Default, Clone)]
pub(super) struct Employer {
    /// The account, if exactly one fits.
    pub(super) account: Option<GoldenId>,
    /// By which accounts find the lead, now and later.
    pub(super) company_keys: Vec<BlockingKey>,
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
    let leads: Vec<GoldenId> = employers.keys().copied().collect();
    Ok(lead_accounts::moved(db, &employers, &leads).await?.len())
}

async fn find_ahead<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: impl Iterator<Item = (GoldenId, &'a GoldenRecord)>,
    ahead: &AccountsAhead,
) -> Result<BTreeMap<GoldenId, Employer>> {
    let leads: Vec<_> = leads.collect();
    let erased: Vec<GoldenId> = leads.iter().filter(|it| it.1.is_erased()).map(|it| it.0).collect();
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
            company_keys: keys.to_vec(),
        }
    };
    let mut employers: BTreeMap<GoldenId, Employer> = tokio::task::block_in_place(|| {
        leads.par_iter().map(|(id, features, keys)| (*id, employer(features, keys))).collect()
    });
    // What was scrubbed may have led there: where a lead belongs is no matter of its person.
    for (lead, account) in lead_accounts::standing(db, &erased).await? {
        employers.entry(lead).or_default().account = Some(account);
    }
    Ok(employers)
}

/// Which leads are looked at again, because something about accounts has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Concerned {
    /// Every one: the rules are others.
    All,
    /// Those that accounts may concern.
    By {
        /// Keys under which accounts came, went or changed.
        keys: BTreeSet<BlockingKey>,
        /// Golden accounts that records have left.
        left: BTreeSet<GoldenId>,
    },
}

impl Default for Concerned {
    fn default() -> Self {
        Self::By { keys: BTreeSet::new(), left: BTreeSet::new() }
    }
}

impl Concerned {
    /// The leads, in the order of their ids.
    pub(super) async fn leads(&self, db: &impl ConnectionTrait) -> Result<BTreeSet<GoldenId>> {
        match self {
            Self::All => every_lead(db).await,
            Self::By { keys, left } => {
                let mut leads = lead_companies::under(db, keys).await?;
                leads.extend(at(db, left).await?);
                Ok(leads)
            }
        }
    }
}

/// The keys under which leads find these accounts.
pub(super) fn keys_of<'a>(accounts: impl Iterator<Item = &'a Fact>) -> BTreeSet<BlockingKey> {
    let features = accounts.map(|it| Features::of(RecordKind::Account, &it.states.values(), None));
    features.flat_map(|it| blocking::company_keys(&it)).collect()
}

/// Looks again for the accounts of leads. Nothing else of them changes.
pub(super) async fn link_again(
    db: &impl ConnectionTrait,
    engine: &Engine,
    concerned: &Concerned,
    now: DateTime<Utc>,
) -> Result<()> {
    let leads: Vec<GoldenId> = concerned.leads(db).await?.into_iter().collect();
    for chunk in leads.chunks(LEADS) {
        link(db, engine, chunk, now).await?;
    }
    Ok(())
}

/// Every lead that has a trace.
async fn every_lead(db: &impl ConnectionTrait) -> Result<BTreeSet<GoldenId>> {
    let leads = settlement::Entity::find().select_only().column(settlement::Column::GoldenId);
    let leads = leads.filter(settlement::Column::Kind.eq(RecordKind::Lead));
    Ok(leads.into_tuple::<GoldenId>().all(db).await?.into_iter().collect())
}

/// The leads whose company has led to one of these accounts.
async fn at(db: &impl ConnectionTrait, accounts: &BTreeSet<GoldenId>) -> Result<Vec<GoldenId>> {
    let accounts: Vec<GoldenId> = accounts.iter().copied().collect();
    let mut leads: Vec<GoldenId> = Vec::new();
    for list in lists(db, &accounts) {
        let found = golden_lead::Entity::find()
            .select_only()
            .column(golden_lead::Column::Id)
            .filter(list.holds(golden_lead::Column::AccountId))
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
    let mut employers = find(db, engine, leads.iter().map(|(id, golden)| (*id, golden))).await?;
    note(db, &employers, &BTreeSet::new(), now).await?;
    for lead in converted(db, &leads).await? {
        employers.remove(&lead);
    }
    let mut by_account: BTreeMap<Option<GoldenId>, Vec<GoldenId>> = BTreeMap::new();
    for (lead, employer) in employers {
        by_account.entry(employer.account).or_default().push(lead);
    }
    for (account, leads) in by_account {
        for list in lists(db, &leads) {
            golden_lead::Entity::update_many()
                .col_expr(Column::AccountId, Expr::value(account))
                .col_expr(Column::Version, Expr::col(Column::Version).add(1))
                .col_expr(Column::UpdatedAt, Expr::value(now))
                .filter(list.holds(Column::Id))
                .filter(differs(account))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

/// Notes where leads lead from now on, and by what accounts find them. Of those that were created just now nothing is noted
/// yet.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    employers: &BTreeMap<GoldenId, Employer>,
    created: &BTreeSet<GoldenId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let noted: Vec<GoldenId> = employers.keys().filter(|it| !created.contains(it)).copied().collect();
    lead_accounts::note(db, employers, &noted, now).await?;
    Ok(lead_companies::note(db, employers, &noted).await?)
}

/// Those of the leads that were converted into an account we know: they belong there, wherever their company leads.
async fn converted(db: &impl ConnectionTrait, leads: &[(GoldenId, GoldenRecord)]) -> Result<Vec<GoldenId>> {
    let target = |golden: &GoldenRecord| {
        let settlement = golden.settlement(lead::converted_account)?;
        Some((settlement.source()?.system.clone(), settlement.value.clone()?))
    };
    let leads: Vec<_> = leads.iter().filter_map(|it| Some((it, target(&it.1)?))).collect();
    let references = References::of(db, leads.iter().map(|it| &it.0.1)).await?;
    let is_known = |it: &&(_, (SourceSystem, String))| {
        references.find(lead::converted_account, &it.1.0, &it.1.1).is_some()
    };
    Ok(leads.iter().filter(is_known).map(|it| it.0.0).collect())
}

/// These leads as their stored traces tell.
pub(super) async fn settled(
    db: &impl ConnectionTrait,
    ids: &[GoldenId],
) -> Result<Vec<(GoldenId, GoldenRecord)>> {
    let mut leads = Vec::with_capacity(ids.len());
    for list in lists(db, ids) {
        let traces = settlement::Entity::find().filter(list.holds(settlement::Column::GoldenId));
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
