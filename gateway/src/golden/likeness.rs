//! How alike records are that somebody names: no key need bring them together, and no candidate is kept of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceKey;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::Verdict;
use mastering::matching::{compare, compare_within_system};
use mastering::policy::MatchingPolicy;
use sea_orm::ConnectionTrait;

use super::accounts_ahead::AccountsAhead;
use super::facts::{self, Fact};
use super::index::Index;
use super::matching::{self, Compared};
use super::service::Engine;
use crate::error::Result;

/// Some records, ready to be compared with each other as the engine compares all others.
pub(super) struct Likeness<'a> {
    policy: &'a MatchingPolicy,
    hubs: Hubs,
    compared: BTreeMap<SourceRecordId, Compared>,
}

impl<'a> Likeness<'a> {
    /// Of these records, also of such as their source has deleted.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        engine: &'a Engine,
        kind: RecordKind,
        records: Vec<Fact>,
    ) -> Result<Self> {
        let policy = &*engine.policies.matching;
        let compared = matching::with_features(db, kind, records, &AccountsAhead::default()).await?;
        let index = Index { db, policy, kind };
        let hubs = index.hubs(compared.values().map(|it| &it.features)).await?;
        Ok(Self { policy, hubs, compared })
    }

    /// How alike two of them are, each of which its source keeps.
    pub(super) fn between(&self, one: SourceRecordId, other: SourceRecordId) -> Option<Verdict> {
        let (a, b) = (self.compared.get(&one)?, self.compared.get(&other)?);
        Some(judge(self.policy, &self.hubs, a, b))
    }

    /// The same where whoever keeps them has said that they are one.
    pub(super) fn by_word(&self, one: SourceRecordId, other: SourceRecordId) -> Option<Verdict> {
        let (a, b) = (self.compared.get(&one)?, self.compared.get(&other)?);
        Some(compare(self.policy, &self.hubs, &a.features, &b.features))
    }
}

/// The two records by which golden records are most alike.
#[derive(Debug)]
pub struct Likeliest {
    /// One of each golden record, in the order in which they were named.
    pub pair: [SourceKey; 2],
    /// How alike they are.
    pub verdict: Verdict,
}

/// The two records by which golden records are most alike; of equal ones the first by their keys. `None` when one of the
/// golden records has none that takes part.
pub(super) async fn likeliest(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    [one, other]: [GoldenId; 2],
) -> Result<Option<Likeliest>> {
    let members: Vec<SourceRecordId> =
        facts::members(db, &[one, other]).await?.into_iter().map(|it| it.1).collect();
    let mut members = facts::by_ids(db, &members).await?;
    members.retain(Fact::is_matchable);
    members.sort_by(|a, b| a.key.cmp(&b.key));
    let likeness = Likeness::of(db, engine, kind, members.clone()).await?;
    let side = |golden| members.iter().filter(move |it| it.golden == Some(golden));
    let pairs = side(one).flat_map(|a| side(other).map(move |b| (a, b)));
    let compared = pairs.filter_map(|(a, b)| Some((a, b, likeness.between(a.row.id, b.row.id)?)));
    let best = compared.min_by_key(|it| Reverse((it.2.score, it.2.weight)));
    Ok(best.map(|(a, b, verdict)| Likeliest { pair: [a, b].map(|it| (*it.key).clone()), verdict }))
}

/// Two live records of one system were told apart by whoever keeps it; others were not.
pub(super) fn judge(policy: &MatchingPolicy, hubs: &Hubs, a: &Compared, b: &Compared) -> Verdict {
    let is_same_system = a.fact.row.system == b.fact.row.system;
    let compare = if is_same_system { compare_within_system } else { compare };
    compare(policy, hubs, &a.features, &b.features)
}
