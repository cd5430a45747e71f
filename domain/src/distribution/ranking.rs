//! The order among the partners that may be offered a lead. Kept on the offer, so that anybody can see why.

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use super::{Candidate, DistributionPolicy, Exclusion};
use crate::ids::PartnerId;

crate::codes! {
    /// By what partners are ordered.
    pub enum RankingKey {
        TerritorySpecificity("担当の近さ", "Closeness of the territory"),
        TierRank("ランク", "Tier"),
        EngagementScore("エンゲージメントスコア", "Engagement score"),
        LastOffer("最後の配布からの時間", "Time since the last offer"),
        PartnerId("パートナーID", "Partner id"),
    }
}

/// Who comes first, and who was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// The policy version that decided.
    pub policy: String,
    /// In order.
    pub ranked: Vec<Ranked>,
    /// By partner id.
    pub excluded: Vec<Excluded>,
}

/// A partner in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranked {
    /// 1 is first.
    pub rank: u32,
    /// Who.
    pub partner: PartnerId,
    /// The key by which it comes after the one before; none for the first.
    pub behind_by: Option<RankingKey>,
}

/// A partner that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Who.
    pub partner: PartnerId,
    /// Every reason, in the order of the policy.
    pub reasons: Vec<Exclusion>,
}

/// Orders candidates, whatever order they come in.
pub fn rank(policy: &DistributionPolicy, candidates: &[Candidate]) -> Ranking {
    let mut eligible = Vec::new();
    let mut excluded = Vec::new();
    for candidate in candidates {
        let reasons: Vec<Exclusion> =
            policy.excluded_if().iter().copied().filter(|it| it.applies_to(candidate)).collect();
        match reasons.is_empty() {
            true => eligible.push(candidate),
            false => excluded.push(Excluded { partner: candidate.partner, reasons }),
        }
    }
    eligible.sort_by(|a, b| compare(policy, a, b).1);
    excluded.sort_by_key(|it| it.partner);
    let ranked = eligible.iter().enumerate().map(|(at, it)| {
        let before = at.checked_sub(1).map(|before| eligible[before]);
        let behind_by = before.and_then(|before| compare(policy, before, it).0);
        Ranked { rank: at as u32 + 1, partner: it.partner, behind_by }
    });
    Ranking { policy: policy.version().to_owned(), ranked: ranked.collect(), excluded }
}

impl RankingKey {
    /// The better candidate is the lesser one.
    fn compare(self, a: &Candidate, b: &Candidate) -> Ordering {
        match self {
            // Without a territory last; such candidates are usually excluded.
            Self::TerritorySpecificity => last_if_none(a.territory).cmp(&last_if_none(b.territory)),
            Self::TierRank => last_if_none(a.tier_rank).cmp(&last_if_none(b.tier_rank)),
            Self::EngagementScore => Reverse(a.engagement_score).cmp(&Reverse(b.engagement_score)),
            // Who was never offered anything comes first.
            Self::LastOffer => a.last_offer_at.cmp(&b.last_offer_at),
            Self::PartnerId => a.partner.cmp(&b.partner),
        }
    }
}

/// The order of two candidates, and the key that decided it.
fn compare(policy: &DistributionPolicy, a: &Candidate, b: &Candidate) -> (Option<RankingKey>, Ordering) {
    let keys = policy.ranking().iter().map(|it| (Some(*it), it.compare(a, b)));
    keys.into_iter().find(|(_, order)| order.is_ne()).unwrap_or((None, Ordering::Equal))
}

fn last_if_none<T: Ord>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::partners::PartnerStatus;
    use crate::territories::Specificity;

    fn candidate(id: u128) -> Candidate {
        Candidate {
            partner: PartnerId(Uuid::from_u128(id)),
            status: PartnerStatus::Active,
            is_contracted: true,
            territory: Some(Specificity::Prefecture),
            is_accredited: true,
            is_silent: false,
            open_leads: 2,
            capacity: 5,
            has_conflict_of_interest: false,
            was_asked: false,
            tier_rank: Some(2),
            engagement_score: Some(60),
            last_offer_at: "2026-04-01T00:00:00Z".parse().ok(),
        }
    }

    fn check(changes: [fn(&mut Candidate); 2], key: RankingKey) {
        let [first, second] = changes;
        // The better one has the greater id, so that the id does not decide.
        let mut candidates = [candidate(9), candidate(1)];
        first(&mut candidates[0]);
        second(&mut candidates[1]);
        let ranking = rank(&DistributionPolicy::default(), &candidates);
        assert_eq!(ranking.ranked[0].partner, candidates[0].partner, "{key}");
        assert_eq!(ranking.ranked[1].behind_by, Some(key));
    }

    #[test]
    fn each_key_decides_when_those_before_it_are_equal() {
        check(
            [|it| it.territory = Some(Specificity::NamedAccount), |it| it.tier_rank = Some(1)],
            RankingKey::TerritorySpecificity,
        );
        check([|it| it.tier_rank = Some(1), |it| it.engagement_score = Some(99)], RankingKey::TierRank);
        check([|_| (), |it| it.tier_rank = None], RankingKey::TierRank);
        check(
            [|it| it.engagement_score = Some(61), |it| it.last_offer_at = None],
            RankingKey::EngagementScore,
        );
        check([|it| it.last_offer_at = None, |_| ()], RankingKey::LastOffer);
    }

    #[test]
    fn equal_candidates_are_ordered_by_id() {
        let ranking = rank(&DistributionPolicy::default(), &[candidate(2), candidate(1)]);
        assert_eq!(ranking.ranked[0].partner, candidate(1).partner);
        assert_eq!(ranking.ranked[1].behind_by, Some(RankingKey::PartnerId));
    }

    #[test]
    fn who_is_left_out_keeps_every_reason() {
        let mut silent = candidate(1);
        silent.is_silent = true;
        silent.open_leads = silent.capacity;
        let ranking = rank(&DistributionPolicy::default(), &[silent, candidate(2)]);
        assert_eq!(ranking.ranked.len(), 1);
        assert_eq!(ranking.excluded[0].reasons, [Exclusion::Silent, Exclusion::AtCapacity]);
    }

    #[test]
    fn each_reason_leaves_a_candidate_out() {
        let changes: [fn(&mut Candidate); 8] = [
            |it| it.status = PartnerStatus::Suspended,
            |it| it.is_contracted = false,
            |it| it.territory = None,
            |it| it.is_accredited = false,
            |it| it.is_silent = true,
            |it| it.capacity = 2,
            |it| it.has_conflict_of_interest = true,
            |it| it.was_asked = true,
        ];
        for (change, reason) in changes.into_iter().zip(Exclusion::ALL) {
            let mut changed = candidate(1);
            change(&mut changed);
            let ranking = rank(&DistributionPolicy::default(), &[changed]);
            assert_eq!(ranking.excluded[0].reasons, [*reason]);
        }
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let territory = proptest::option::of(proptest::sample::select(Specificity::ALL));
        let drawn = (
            territory,
            proptest::option::of(1..4_u32),
            proptest::option::of(0..3_u32),
            0..4_u32,
            any::<bool>(),
        );
        proptest::collection::vec(drawn, 0..12).prop_map(|drawn| {
            let drawn = drawn.into_iter().enumerate();
            drawn
                .map(|(at, (territory, tier_rank, engagement_score, open_leads, is_silent))| Candidate {
                    territory,
                    tier_rank,
                    engagement_score,
                    capacity: 3,
                    open_leads,
                    is_silent,
                    ..candidate(at as u128)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_gathering_changes_nothing((given, shuffled) in candidates().prop_flat_map(|given| {
            (Just(given.clone()), Just(given).prop_shuffle())
        })) {
            let policy = DistributionPolicy::default();
            let ranking = rank(&policy, &given);
            prop_assert_eq!(&ranking, &rank(&policy, &shuffled));
            prop_assert_eq!(ranking.ranked.len() + ranking.excluded.len(), given.len());
            prop_assert!(ranking.excluded.iter().all(|it| !it.reasons.is_empty()));
        }
    }
}
