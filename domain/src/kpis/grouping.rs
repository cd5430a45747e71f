//! A KPI split into groups: each with its own receipt, beside the total that is a ratio of sums.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{GroupBy, GroupByRefused, Kpi};
use super::frame::{Frame, PartnerFacts};
use super::statistics::comparison::low_sample;
use super::value::{Flag, KpiValue};
use crate::ids::PartnerId;

/// A KPI split into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped<K> {
    /// All groups together; never a mean of the groups.
    pub total: KpiValue,
    /// Each group; one without facts has no value, but is there.
    pub groups: BTreeMap<K, KpiValue>,
    /// What the reader must know when comparing them.
    pub flags: BTreeSet<Flag>,
}

/// Facts of a KPI, and whose each is.
pub struct Facts<'a, F> {
    /// All of them.
    pub all: &'a [F],
    /// The partner of a fact; one without a partner is in the total only.
    pub partner_of: fn(&F) -> Option<PartnerId>,
}

impl<F> Facts<'_, F> {
    fn by_partner(&self) -> BTreeMap<PartnerId, Vec<&F>> {
        let mut by_partner: BTreeMap<PartnerId, Vec<&F>> = BTreeMap::new();
        for fact in self.all {
            if let Some(partner) = (self.partner_of)(fact) {
                by_partner.entry(partner).or_default().push(fact);
            }
        }
        by_partner
    }
}

/// Splits a KPI by a trait of partners. A partner may be in several groups, as partners have several types.
///
/// `compute` is called with the partners and the facts of each group, and once with all of them. Facts are looked at
/// once for each group that they belong to, so splitting by thousands of partners costs no more than the total.
pub fn by_partners<K: Ord + Clone, F: Clone>(
    frame: &Frame<'_>,
    (kpi, group_by): (Kpi, GroupBy),
    members: &BTreeMap<K, BTreeSet<PartnerId>>,
    facts: &Facts<'_, F>,
    compute: impl Fn(&Frame<'_>, &[F]) -> KpiValue,
) -> Result<Grouped<K>, GroupByRefused> {
    kpi.check_group_by(group_by)?;
    let partners: BTreeMap<PartnerId, &PartnerFacts> = frame.partners.iter().map(|it| (it.id, it)).collect();
    let by_partner = facts.by_partner();
    let group = |members: &BTreeSet<PartnerId>| {
        let partners: Vec<_> =
            members.iter().filter_map(|it| partners.get(it)).map(|it| (*it).clone()).collect();
        let facts: Vec<F> =
            members.iter().filter_map(|it| by_partner.get(it)).flatten().map(|it| (*it).clone()).collect();
        compute(&Frame { partners: &partners, ..*frame }, &facts)
    };
    let groups = members.iter().map(|(key, members)| (key.clone(), group(members))).collect();
    Ok(Grouped::of(compute(frame, facts.all), groups))
}

/// Splits a KPI by a trait of its facts, such as the product of a deal.
pub fn by_facts<K: Ord + Clone, F>(
    (kpi, group_by): (Kpi, GroupBy),
    facts: &BTreeMap<K, Vec<F>>,
    all: &[F],
    compute: impl Fn(&[F]) -> KpiValue,
) -> Result<Grouped<K>, GroupByRefused> {
    kpi.check_group_by(group_by)?;
    let groups = facts.iter().map(|(key, facts)| (key.clone(), compute(facts))).collect();
    Ok(Grouped::of(compute(all), groups))
}

impl<K> Grouped<K> {
    fn of(total: KpiValue, groups: BTreeMap<K, KpiValue>) -> Self {
        let flags = low_sample(groups.values().map(KpiValue::sample_size)).into_iter().collect();
        Self { total, groups, flags }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::engagement::consumption::{AssignmentFact, support_consumption_rate};
    use crate::kpis::pipeline::closing::{ClosedDeal, Ending, win_rate};
    use crate::kpis::settings::KpiSettings;
    use crate::kpis::worked::{day, id, june, partner_id, partners, shown};

    /// Consumed and open items of P1, P2, P3 and P4.
    fn assignments() -> Vec<AssignmentFact> {
        let rows = [(1, 10, 2), (2, 6, 4), (3, 3, 5), (4, 0, 6)];
        let items = rows.into_iter().flat_map(|(partner, consumed, open)| {
            (0..consumed + open).map(move |it| AssignmentFact {
                id: id(partner * 100 + it),
                partner: partner_id(partner),
                assigned_at: day("2026-05-01"),
                due_at: None,
                consumed_at: (it < consumed).then(|| day("2026-06-15")),
                cancelled_at: None,
            })
        });
        items.collect()
    }

    fn by_tier(tiers: &[(&'static str, &[u128])]) -> Grouped<&'static str> {
        let (partners, settings) = (partners(), KpiSettings::default());
        let frame = Frame::at_end(june(), &partners, &settings);
        let members = tiers.iter().map(|(tier, ids)| (*tier, ids.iter().map(|it| partner_id(*it)).collect()));
        let all = assignments();
        let facts = Facts { all: &all, partner_of: |it: &AssignmentFact| Some(it.partner) };
        let asked = (Kpi::SupportConsumptionRate, GroupBy::Tier);
        by_partners(&frame, asked, &members.collect(), &facts, support_consumption_rate).unwrap()
    }

    #[test]
    fn groups_have_receipts_of_their_own_and_empty_ones_have_no_value() {
        let grouped = by_tier(&[("BRONZE", &[4, 5]), ("GOLD", &[1]), ("PLATINUM", &[]), ("SILVER", &[2, 3])]);
        let rates: Vec<_> = grouped.groups.values().map(shown).collect();
        assert_eq!(rates, ["0.0000", "0.8333", "NO_DENOMINATOR", "0.5000"]);
        assert!(grouped.flags.contains(&Flag::LowSample), "a group has fewer than ten");
        assert_eq!(shown(&grouped.total), "0.5278");
    }

    #[test]
    fn groups_that_share_no_partner_add_up_to_the_total() {
        let grouped = by_tier(&[("BRONZE", &[4]), ("GOLD", &[1]), ("SILVER", &[2, 3])]);
        let hits: usize = grouped.groups.values().map(|it| it.numerator.ids.len()).sum();
        let all: usize = grouped.groups.values().map(KpiValue::sample_size).sum();
        assert_eq!((hits, all), (grouped.total.numerator.ids.len(), grouped.total.sample_size()));
    }

    #[test]
    fn the_total_is_a_ratio_of_sums() {
        let deal = |number, ending| ClosedDeal { id: id(number), closed_at: day("2026-06-15"), ending };
        let first = vec![deal(1, Ending::Won)];
        let second = vec![deal(2, Ending::Won), deal(3, Ending::Lost(None)), deal(4, Ending::Lost(None))];
        let all = [first.clone(), second.clone()].concat();
        let (partners, settings) = (partners(), KpiSettings::default());
        let frame = Frame::at_end(june(), &partners, &settings);
        let grouped = by_facts(
            (Kpi::WinRate, GroupBy::Product),
            &[("A", first), ("B", second)].into(),
            &all,
            |facts| win_rate(&frame, facts),
        );
        assert_eq!(shown(&grouped.unwrap().total), "0.5000", "the mean of the groups would be 0.6667");
    }

    #[test]
    fn a_group_by_that_the_kpi_does_not_have_is_refused_before_anything_is_computed() {
        let (partners, settings) = (partners(), KpiSettings::default());
        let frame = Frame::at_end(june(), &partners, &settings);
        let members: BTreeMap<&str, _> = BTreeMap::new();
        let facts = Facts { all: &[()], partner_of: |()| None };
        let asked = (Kpi::EngagementScore, GroupBy::Product);
        let refused = by_partners(&frame, asked, &members, &facts, |_, _| unreachable!());
        assert!(refused.is_err());
    }
}
