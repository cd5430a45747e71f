//! Assigning by rule: which partners a package is for, and what each still lacks of it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::asset::AssetVersion;
use crate::ids::{AssetVersionId, PartnerId};
use crate::partners::PartnerType;

/// What a rule may ask about a partner, at the instant of assigning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerProfile {
    /// The partner.
    pub id: PartnerId,
    /// Its types.
    pub types: BTreeSet<PartnerType>,
    /// Rank of its tier; 1 is the highest.
    pub tier_rank: Option<u32>,
    /// Its engagement score.
    pub score: Option<u32>,
    /// Prefectures of its territory, as JIS X 0401 codes.
    pub prefectures: BTreeSet<String>,
    /// Versions that it was given before, open or consumed.
    pub given: BTreeSet<AssetVersionId>,
}

/// Which partners something is for. An empty condition asks nothing; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct AssignmentRule {
    /// One of these types.
    pub types: BTreeSet<PartnerType>,
    /// One of these ranks.
    pub tier_ranks: BTreeSet<u32>,
    /// A score of at least this; a partner without a score does not qualify.
    pub score_from: Option<u32>,
    /// A score below this; a partner without a score does not qualify.
    pub score_below: Option<u32>,
    /// One of these prefectures in its territory.
    pub prefectures: BTreeSet<String>,
    /// Days from assigning to the due date.
    pub due_in_days: Option<u32>,
}

/// 支援パッケージ: assets for one purpose, in the order in which they are to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportPackage {
    /// The version of each asset that is current.
    pub versions: Vec<AssetVersion>,
}

/// An assignment to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// To whom.
    pub partner: PartnerId,
    /// What.
    pub version: AssetVersionId,
    /// By when.
    pub due_at: Option<DateTime<Utc>>,
}

impl AssignmentRule {
    /// Whether a partner is meant.
    pub fn matches(&self, partner: &PartnerProfile) -> bool {
        let asks_no_score = self.score_from.is_none() && self.score_below.is_none();
        let has_score = partner.score.is_some_and(|it| {
            self.score_from.is_none_or(|from| it >= from) && self.score_below.is_none_or(|below| it < below)
        });
        (self.types.is_empty() || !self.types.is_disjoint(&partner.types))
            && (self.tier_ranks.is_empty()
                || partner.tier_rank.is_some_and(|it| self.tier_ranks.contains(&it)))
            && (self.prefectures.is_empty() || !self.prefectures.is_disjoint(&partner.prefectures))
            && (asks_no_score || has_score)
    }
}

/// What a rule assigns at an instant: to each partner it means, what the partner may see and was never given.
///
/// Running a rule twice assigns nothing twice.
pub fn plan(
    rule: &AssignmentRule,
    package: &SupportPackage,
    partners: &[PartnerProfile],
    at: DateTime<Utc>,
) -> Vec<Planned> {
    let due_at = rule.due_in_days.map(|it| at + TimeDelta::days(it.into()));
    let meant = partners.iter().filter(|it| rule.matches(it));
    meant
        .flat_map(|partner| {
            missing(package, partner, at).map(move |version| Planned { partner: partner.id, version, due_at })
        })
        .collect()
}

fn missing<'a>(
    package: &'a SupportPackage,
    partner: &'a PartnerProfile,
    at: DateTime<Utc>,
) -> impl Iterator<Item = AssetVersionId> + 'a {
    let open = package
        .versions
        .iter()
        .filter(move |it| it.valid.covers(at) && it.gate.check(partner.tier_rank).is_ok());
    open.map(|it| it.id).filter(|it| !partner.given.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enablement::{AssetKind, TierGate};
    use crate::kpis::window::Span;
    use crate::kpis::worked::{day, id, partner_id};

    fn partner(number: u128, tier_rank: u32, score: Option<u32>) -> PartnerProfile {
        PartnerProfile {
            id: partner_id(number),
            types: [PartnerType::Reseller].into(),
            tier_rank: Some(tier_rank),
            score,
            prefectures: ["JP-13".to_owned()].into(),
            given: BTreeSet::new(),
        }
    }

    fn package() -> SupportPackage {
        let version = |number, gate| AssetVersion {
            id: AssetVersionId(id(number)),
            kind: AssetKind::Document,
            number: 1,
            language: "ja".to_owned(),
            gate,
            valid: Span::since(day("2026-01-01")),
        };
        SupportPackage { versions: vec![version(1, TierGate::OPEN), version(2, TierGate::from_rank(1))] }
    }

    #[test]
    fn conditions_must_all_hold_and_empty_ones_ask_nothing() {
        let check = |rule: &str, expected| {
            let rule: AssignmentRule = serde_json::from_str(rule).unwrap();
            assert_eq!(rule.matches(&partner(1, 2, Some(39))), expected, "{rule:?}");
        };
        check("{}", true);
        check(r#"{"types": ["RESELLER", "OEM"], "tierRanks": [2], "prefectures": ["JP-13"]}"#, true);
        check(r#"{"types": ["RESELLER"], "tierRanks": [1]}"#, false);
        check(r#"{"scoreBelow": 40}"#, true);
        check(r#"{"scoreFrom": 40}"#, false);
        check(r#"{"prefectures": ["JP-27"]}"#, false);
    }

    #[test]
    fn a_partner_without_a_score_is_not_asked_about_it() {
        let rule = AssignmentRule { score_below: Some(40), ..AssignmentRule::default() };
        assert!(!rule.matches(&partner(1, 2, None)));
    }

    #[test]
    fn a_rule_assigns_what_is_allowed_and_missing_and_nothing_twice() {
        let rule = AssignmentRule { due_in_days: Some(14), ..AssignmentRule::default() };
        let mut partners = [partner(1, 1, None), partner(2, 3, None)];
        let at = day("2026-06-01");
        let planned = plan(&rule, &package(), &partners, at);
        let pairs: Vec<_> = planned.iter().map(|it| (it.partner, it.version.0.as_u128())).collect();
        assert_eq!(pairs, [(partner_id(1), 1), (partner_id(1), 2), (partner_id(2), 1)]);
        assert_eq!(planned[0].due_at, Some(day("2026-06-15")));
        for partner in &mut partners {
            partner.given = planned.iter().map(|it| it.version).collect();
        }
        assert!(plan(&rule, &package(), &partners, at).is_empty());
    }
}
