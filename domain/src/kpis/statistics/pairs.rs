//! 同じ支援、違う結果: partners that were given alike and sell unlike. What differs is for people to find out.

use std::cmp::Reverse;

use super::comparison::low_sample;
use super::wilson::{Interval, wilson};
use crate::ids::PartnerId;
use crate::kpis::fraction::Fraction;
use crate::kpis::value::Flag;

/// What a partner was given and what it reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportedPartner {
    /// The partner.
    pub id: PartnerId,
    /// How much of the support it consumed, from 0 to 1.
    pub support: Fraction,
    /// Deals won.
    pub won: usize,
    /// Deals closed, won or lost.
    pub closed: usize,
}

/// Two partners with the same support; the first wins more often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlikePair {
    /// Who wins more often.
    pub more: PartnerId,
    /// Who wins less often.
    pub less: PartnerId,
    /// By how much the win rates differ.
    pub difference: Fraction,
    /// The intervals of both win rates, `more` first.
    pub intervals: [Interval; 2],
    /// The warning that one of them closed few deals.
    pub flag: Option<Flag>,
}

/// Pairs whose support differs by no more than a tolerance and whose win rates differ at least so much.
///
/// The most unlike come first; equals are in order of their ids. At most `limit` are answered.
pub fn unlike_pairs(
    partners: &[SupportedPartner],
    tolerance: Fraction,
    at_least: Fraction,
    limit: usize,
) -> Vec<UnlikePair> {
    let mut sorted: Vec<_> = partners.iter().filter(|it| it.closed > 0).collect();
    sorted.sort_by_key(|it| (it.support, it.id));
    let mut pairs = Vec::new();
    for (place, one) in sorted.iter().enumerate() {
        // Sorted by support, so those alike stand next to each other.
        let alike = sorted[place + 1..].iter().take_while(|it| it.support - one.support <= tolerance);
        pairs.extend(alike.filter_map(|other| pair(one, other)).filter(|it| it.difference >= at_least));
    }
    pairs.sort_by_key(|it| (Reverse(it.difference), it.more, it.less));
    pairs.truncate(limit);
    pairs
}

fn pair(one: &SupportedPartner, other: &SupportedPartner) -> Option<UnlikePair> {
    let (one_rate, other_rate) = (one.win_rate()?, other.win_rate()?);
    let (more, less) = if one_rate >= other_rate { (one, other) } else { (other, one) };
    Some(UnlikePair {
        more: more.id,
        less: less.id,
        difference: one_rate.max(other_rate) - one_rate.min(other_rate),
        intervals: [wilson(more.won, more.closed)?, wilson(less.won, less.closed)?],
        flag: low_sample([one.closed, other.closed]),
    })
}

impl SupportedPartner {
    fn win_rate(&self) -> Option<Fraction> {
        Fraction::new(self.won as i128, self.closed as i128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::partner_id;

    fn partner(number: u128, support: u32, won: usize, closed: usize) -> SupportedPartner {
        SupportedPartner { id: partner_id(number), support: Fraction::percent(support), won, closed }
    }

    fn pairs(partners: &[SupportedPartner]) -> Vec<(u128, u128)> {
        let found = unlike_pairs(partners, Fraction::percent(5), Fraction::percent(20), 10);
        found.iter().map(|it| (it.more.0.as_u128(), it.less.0.as_u128())).collect()
    }

    #[test]
    fn alike_in_support_and_unlike_in_result() {
        let partners =
            [partner(1, 80, 8, 10), partner(2, 84, 2, 10), partner(3, 86, 1, 10), partner(4, 83, 7, 10)];
        assert_eq!(pairs(&partners), [(1, 2), (4, 3), (4, 2)]);
    }

    #[test]
    fn the_order_of_partners_changes_nothing() {
        let mut partners = vec![partner(1, 80, 8, 10), partner(2, 80, 2, 10), partner(3, 80, 2, 10)];
        let before = pairs(&partners);
        partners.reverse();
        assert_eq!((before, pairs(&partners)), (vec![(1, 2), (1, 3)], vec![(1, 2), (1, 3)]));
    }

    #[test]
    fn who_closed_nothing_is_not_compared_and_few_deals_are_flagged() {
        let partners = [partner(1, 80, 3, 4), partner(2, 80, 0, 0), partner(3, 80, 1, 12)];
        let found = unlike_pairs(&partners, Fraction::percent(5), Fraction::percent(20), 10);
        assert_eq!((found.len(), found[0].flag), (1, Some(Flag::LowSample)));
    }
}
