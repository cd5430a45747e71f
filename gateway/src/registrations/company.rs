//! Which customer a registration is about: the raw claim, compared as the engine compares records.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::{RecordKind, account};
use domain::ids::GoldenId;
use domain::sources::Values;
use domain::territories::Prefecture;
use domain::text::Language;
use entity::registrations::deal_registration::Model;
use mastering::matching::blocking::{self, BlockingKey};
use mastering::matching::compare;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::{Band, Verdict};
use sea_orm::ConnectionTrait;

use super::store;
use crate::error::Result;
use crate::golden::service::{self as golden, Engine};

/// Other registrations that are compared, and accounts that are kept in doubt.
const MOST: usize = 200;

/// Whom a claim means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meant {
    /// The golden account, where it is certain.
    pub account: Option<GoldenId>,
    /// By what claims on the same customer find each other: the account, or else the first registration of the company;
    /// `None` when this is the first.
    pub claimed: Option<GoldenId>,
    /// What else it may be: accounts, and companies of other registrations.
    pub possible: BTreeSet<GoldenId>,
}

/// What a registration says of its company, as an account would say it.
pub fn values(row: &Model) -> Values {
    let prefecture = row.company_prefecture.as_deref().and_then(|it| it.parse::<Prefecture>().ok());
    let region = prefecture.map(|it| it.label(Language::Ja).to_owned());
    [
        (account::name, Some(row.company_name.clone())),
        (account::corporate_number, row.company_corporate_number.clone()),
        (account::phone, row.company_phone.clone()),
        (account::website, row.company_website.clone()),
        (account::postal_code, row.company_postal_code.clone()),
        (account::region, region),
    ]
    .into_iter()
    .filter(|(_, it)| it.is_some())
    .collect()
}

/// The keys under which the company is found.
pub(super) fn keys(row: &Model) -> Vec<BlockingKey> {
    blocking::company_keys(&Features::of(RecordKind::Account, &values(row), None))
}

/// Whom the claim means: the account that surely is the company, or the same unknown company of an earlier registration.
///
/// What is only alike is left in doubt: names alone never link. A claim that surely means one is in no doubt about others.
pub(super) async fn meant(db: &impl ConnectionTrait, engine: &Engine, row: &Model) -> Result<Meant> {
    if let (Some(account), Some(_)) = (row.account_id, &row.account_fixed_by) {
        return Ok(Meant { account: Some(account), claimed: Some(account), possible: BTreeSet::new() });
    }
    let accounts = golden::accounts_like(db, engine, &values(row)).await?;
    let accounts: Vec<_> = accounts.into_iter().map(|it| (it.golden, it.verdict)).collect();
    if let Some(account) = certain(&accounts) {
        return Ok(Meant { account: Some(account), claimed: Some(account), possible: BTreeSet::new() });
    }
    let others = unknown_companies(db, engine, row).await?;
    if let Some(claimed) = certain(&others) {
        return Ok(Meant { account: None, claimed: Some(claimed), possible: BTreeSet::new() });
    }
    let possible = accounts.iter().chain(&others).map(|it| it.0).take(MOST).collect();
    Ok(Meant { account: None, claimed: None, possible })
}

/// The one that it surely is, of candidates with the most alike first. Of two that are equally alike none is.
fn certain(alike: &[(GoldenId, Verdict)]) -> Option<GoldenId> {
    let mut sure = alike.iter().filter(|it| it.1.band == Band::Auto);
    let (first, second) = (sure.next()?, sure.next());
    second.is_none_or(|it| it.1.weight < first.1.weight).then_some(first.0)
}

/// Companies that only registrations know, most alike first.
async fn unknown_companies(
    db: &impl ConnectionTrait,
    engine: &Engine,
    row: &Model,
) -> Result<Vec<(GoldenId, Verdict)>> {
    let own = Features::of(RecordKind::Account, &values(row), None);
    let others = store::open_under(db, &blocking::company_keys(&own), MOST as u64).await?;
    let mut best: BTreeMap<GoldenId, Verdict> = BTreeMap::new();
    for other in others.iter().filter(|it| it.id != row.id && it.account_id.is_none()) {
        let Some(claimed) = other.claimed_id else { continue };
        let features = Features::of(RecordKind::Account, &values(other), None);
        let verdict = compare(&engine.policies.matching, &Hubs::default(), &own, &features);
        let is_better = best.get(&claimed).is_none_or(|it| it.weight < verdict.weight);
        if verdict.band >= Band::Possible && is_better {
            best.insert(claimed, verdict);
        }
    }
    let mut alike: Vec<_> = best.into_iter().collect();
    alike.sort_by_key(|(id, it)| (std::cmp::Reverse((it.band, it.weight)), *id));
    Ok(alike)
}

/// Writes into a row whom it means. The first registration of an unknown company is found by its own id.
pub(super) fn put(row: &mut Model, meant: &Meant) {
    row.account_id = meant.account;
    row.claimed_id = Some(meant.claimed.unwrap_or(GoldenId(row.id.0)));
}
