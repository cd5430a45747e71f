//! What a draft of the distribution policy would change about the rankings that offers were made by. Writes nothing.

use async_graphql::SimpleObject;
use domain::distribution::{Candidate, DistributionPolicy, Ranking, RankingDiff, rank};
use entity::distribution::offer_ranking;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::store;
use crate::error::{Error, Result};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::policies::effect::Progress;

/// Offers ranked at once.
const PAGE: u64 = 200;
/// Changed rankings that are told one by one.
const TOLD: usize = 500;

/// What a policy changes about rankings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnRankings")]
pub struct RankingFindings {
    /// Offers whose candidates were ranked again.
    pub ranked: i64,
    /// Those whose ranking would be another one.
    pub changed: i64,
    /// Those of which another partner would be asked first, or nobody any more.
    pub first_changed: i64,
    /// Those that leave somebody out who was ranked, or the other way round.
    pub exclusions_changed: i64,
    /// Which change, in the order of their ids; the first five hundred.
    pub examples: Vec<RankingChange>,
}

/// A ranking that would be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnOffer")]
pub struct RankingChange {
    /// The offer, by its global id.
    pub lead_offer_id: String,
    /// The difference, as JSON.
    pub diff: String,
}

/// Ranks the candidates of every offer by a draft. `watch` hears how many have been ranked.
pub async fn foresee(
    db: &impl ConnectionTrait,
    draft: &DistributionPolicy,
    watch: &mut impl Progress,
) -> Result<RankingFindings> {
    let mut found = RankingFindings::default();
    let mut last = None;
    loop {
        let rows = store::rankings_after(db, last, PAGE).await?;
        let Some(end) = rows.last() else { return Ok(found) };
        last = Some(end.offer_id);
        for row in &rows {
            let diff = difference(draft, row)?;
            found.ranked += 1;
            if diff.is_order_changed {
                found.note(row, &diff);
            }
        }
        watch.looked_at(found.ranked.unsigned_abs()).await?;
    }
}

fn difference(draft: &DistributionPolicy, row: &offer_ranking::Model) -> Result<RankingDiff> {
    let before: Ranking = serde_json::from_str(&row.ranking).map_err(Error::internal)?;
    let mut candidates: Vec<Candidate> = serde_json::from_str(&row.candidates).map_err(Error::internal)?;
    candidates.iter_mut().for_each(|it| it.capacity = draft.capacity());
    Ok(RankingDiff::between(&before, &rank(draft, &candidates)))
}

impl RankingFindings {
    fn note(&mut self, row: &offer_ranking::Model, diff: &RankingDiff) {
        self.changed += 1;
        self.first_changed += i64::from(diff.first.is_some());
        let is_other_set = !(diff.newly_excluded.is_empty() && diff.newly_ranked.is_empty());
        self.exclusions_changed += i64::from(is_other_set);
        if self.examples.len() < TOLD {
            self.examples.push(RankingChange {
                lead_offer_id: NodeId::encode(NodeType::LeadOffer, row.offer_id).0,
                diff: serde_json::to_string(diff).expect("ids always serialise"),
            });
        }
    }
}
