//! All records of a kind as grouping needs them, and how they fall into groups.

use std::collections::BTreeMap;

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceKey;
use entity::golden::{match_decision, source_record};
use mastering::matching::batch::{Clusters, cluster_decided};
use mastering::matching::clusters::BatchRecord;
use mastering::matching::verdict::Band;
use mastering::policy::MatchingPolicy;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::accounts_ahead::AccountsAhead;
use super::decisions::Places;
use super::facts::{self, Fact};
use super::matching;
use crate::error::Result;

/// Records read at once.
const PAGE: u64 = 2_000;

/// Everything there is of a kind, as grouping needs it.
pub(super) struct Everything {
    records: Vec<BatchRecord<u32>>,
    /// The id of each record.
    pub(super) ids: Vec<SourceRecordId>,
    /// What its source calls each record.
    pub(super) keys: Vec<SourceKey>,
    /// The golden record of each record now, of those that follow as well.
    pub(super) current: BTreeMap<SourceRecordId, GoldenId>,
    /// Records that follow their golden record.
    pub(super) followers: Vec<(SourceRecordId, GoldenId)>,
}

impl Everything {
    /// Reads them, with accounts as they will be.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        kind: RecordKind,
        ahead: &AccountsAhead,
    ) -> Result<Self> {
        let mut prepared = Vec::new();
        let (mut followers, mut current) = (Vec::new(), BTreeMap::new());
        let mut behind: Option<SourceRecordId> = None;
        while let Some(page) = page(db, kind, behind).await? {
            behind = page.last().map(|it| it.row.id);
            for fact in &page {
                let Some(golden) = fact.golden else { continue };
                current.insert(fact.row.id, golden);
                if !fact.is_matchable() {
                    followers.push((fact.row.id, golden));
                }
            }
            let compared = matching::prepare_ahead(db, kind, page, ahead).await?;
            prepared.extend(
                compared.into_values().map(|it| ((*it.fact.key).clone(), it.fact.row.id, it.features)),
            );
        }
        prepared.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let (mut records, mut ids, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (key, id, features)) in (0..).zip(prepared) {
            let system = Some(key.system.clone());
            records.push(BatchRecord { key: place, system, features: Box::new(features) });
            ids.push(id);
            keys.push(key);
        }
        Ok(Self { records, ids, keys, current, followers })
    }

    /// Groups them, given what people have said.
    pub(super) fn cluster(
        &self,
        policy: &MatchingPolicy,
        decisions: &[match_decision::Model],
    ) -> Clusters<u32> {
        let place: BTreeMap<SourceRecordId, u32> = self.ids.iter().copied().zip(0..).collect();
        let said = Places::of(decisions, &place);
        cluster_decided(policy, &self.records, said.decisions(), Band::Auto)
    }
}

/// The next records of a kind, in the order of their ids; `None` behind the last one.
async fn page(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    behind: Option<SourceRecordId>,
) -> Result<Option<Vec<Fact>>> {
    let mut query = facts::stored().filter(source_record::Column::Kind.eq(kind));
    if let Some(id) = behind {
        query = query.filter(source_record::Column::Id.gt(id));
    }
    let facts = facts::read(db, query.order_by_asc(source_record::Column::Id).limit(PAGE)).await?;
    Ok(Some(facts).filter(|it| !it.is_empty()))
}
