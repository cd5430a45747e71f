//! Which account a lead belonged to as of then, found by its company among the accounts there were.
//!
//! Accounts are looked for by the names they have now: one that was called otherwise then is found only through a
//! conversion.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use mastering::golden_record::GoldenRecord;
use mastering::history::AsOf;
use mastering::matching::blocking;
use mastering::matching::features::Features;
use mastering::matching::link_account;
use mastering::policy::MatchingPolicy;
use sea_orm::ConnectionTrait;

use super::{members, told};
use crate::error::Result;
use crate::golden::index::Index;

/// A record of an account as it was.
type Candidate = (GoldenId, Features);

/// The accounts of these leads.
pub(super) async fn find<'a>(
    db: &impl ConnectionTrait,
    policy: &MatchingPolicy,
    as_of: AsOf,
    leads: impl Iterator<Item = (GoldenId, &'a GoldenRecord)>,
) -> Result<BTreeMap<GoldenId, GoldenId>> {
    let leads: Vec<(GoldenId, Features)> =
        leads.map(|(id, it)| (id, Features::of(RecordKind::Lead, &it.values(), None))).collect();
    let keys = leads.iter().flat_map(|(_, it)| blocking::company_keys(it));
    let blocks = Index { db, policy, kind: RecordKind::Account }.open_blocks(keys).await?;
    let records: BTreeSet<SourceRecordId> = blocks.values().flatten().copied().collect();
    let accounts = accounts(db, as_of, records.into_iter().collect()).await?;
    let employer = |lead: &Features| {
        let keys = blocking::company_keys(lead);
        let met: BTreeSet<_> = keys.iter().filter_map(|key| blocks.get(key)).flatten().collect();
        let fitting = met.into_iter().filter_map(|id| accounts.get(id));
        link_account(policy, lead, fitting.map(|(golden, features)| (*golden, features)))
    };
    Ok(leads.iter().filter_map(|(id, lead)| Some((*id, employer(lead)?.account))).collect())
}

/// Those of these records that were there, as they were.
async fn accounts(
    db: &impl ConnectionTrait,
    as_of: AsOf,
    records: Vec<SourceRecordId>,
) -> Result<HashMap<SourceRecordId, Candidate>> {
    let goldens = members::golden_of(db, &records, as_of.recorded_at).await?;
    let told = told::read(db, RecordKind::Account, &records, as_of.recorded_at).await?;
    let candidate = |(id, it): (SourceRecordId, told::Told)| {
        let replay = it.replay(as_of);
        let features = || Features::of(RecordKind::Account, &replay.states().values(), None);
        Some((id, (*goldens.get(&id).filter(|_| replay.is_live())?, features())))
    };
    Ok(told.into_iter().filter_map(candidate).collect())
}
