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

/// Splits a KPI by a trait of partners. A partner may be in several groups, as partners have several types.
///
/// `compute` is called with the partners of the group, and once with all of them.
pub fn by_partners<K: Ord + Clone>(
    frame: &Frame<'_>,
    (kpi, group_by): (Kpi, GroupBy),
    members: &BTreeMap<K, BTreeSet<PartnerId>>,
    compute: impl Fn(&Frame<'_>) -> KpiValue,
) -> Result<Grouped<K>, GroupByRefused> {
    kpi.check_group_by(group_by)?;
    let group = |members: &BTreeSet<PartnerId>| {
        let partners: Vec<PartnerFacts> =
            frame.partners.iter().filter(|it| members.contains(&it.id)).cloned().collect();
        compute(&Frame { partners: &partners, ..*frame })
    };
    let groups = members.iter().map(|(key, members)| (key.clone(), group(members))).collect();
    Ok(Grouped::of(compute(frame), groups))
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
    use crate::kpis::engagement::usage::zero_view_partners;
    use crate::kpis::pipeline::closing::{ClosedDeal, Ending, win_rate};
    use crate::kpis::settings::KpiSettings;
    use crate::kpis::worked::{day, figure, id, june, partner_id, partners, shown};

    #[test]
    fn groups_have_receipts_of_their_own_and_empty_ones_have_no_value() {
        let (partners, settings) = (partners(), KpiSettings::default());
        let frame = Frame::at_end(june(), &partners, &settings);
        let tiers = [("BRONZE", vec![4, 5, 6]), ("GOLD", vec![1]), ("PLATINUM", vec![])];
        let members = tiers.map(|(tier, ids)| (tier, ids.into_iter().map(partner_id).collect())).into();
        let everyone = (1..=7).map(partner_id).collect();
        let grouped = by_partners(&frame, (Kpi::ZeroViewPartners, GroupBy::Tier), &members, |frame| {
            zero_view_partners(frame, &everyone, &Default::default())
        });
        let grouped = grouped.unwrap();
        let counts: Vec<_> = grouped.groups.iter().map(|(tier, it)| (*tier, figure(it.value, 0))).collect();
        assert_eq!(
            counts,
            [("BRONZE", "2"), ("GOLD", "1"), ("PLATINUM", "0")].map(|(it, n)| (it, n.to_owned()))
        );
        assert!(grouped.flags.contains(&Flag::LowSample));
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
        let refused =
            by_partners(&frame, (Kpi::EngagementScore, GroupBy::Product), &members, |_| unreachable!());
        assert!(refused.is_err());
    }
}
