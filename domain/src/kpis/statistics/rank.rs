//! Medians and rank correlations: whether two things rise together, whatever their scale.
//!
//! Spearman's ρ is the correlation of average ranks (C. Spearman, 1904), Kendall's τ-b counts pairs in order and
//! corrects for ties (M. G. Kendall, 1945). Neither says which of the two moves the other, or whether any does.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::wilson::shown;
use crate::kpis::fraction::Fraction;

/// Pairs from which a rank correlation is given at all.
const FEWEST_PAIRS: usize = 3;

/// The middle of some values, the mean of the middle two for an even number; `None` without any.
pub fn median(values: impl IntoIterator<Item = Fraction>) -> Option<Fraction> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort();
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    (*low + *high).over(Fraction::from(2_usize))
}

/// Spearman's ρ, four decimals; `None` for fewer than three pairs or when one side never varies.
pub fn spearman(pairs: &[(i128, i128)]) -> Option<Decimal> {
    if pairs.len() < FEWEST_PAIRS {
        return None;
    }
    let left = doubled_ranks(pairs.iter().map(|(left, _)| *left));
    let right = doubled_ranks(pairs.iter().map(|(_, right)| *right));
    // Doubled average ranks are whole, and their mean is n + 1.
    let middle = pairs.len() as i128 + 1;
    let product = |one: &[i128], other: &[i128]| -> i128 {
        one.iter().zip(other).map(|(one, other)| (one - middle) * (other - middle)).sum()
    };
    correlation(product(&left, &right), product(&left, &left), product(&right, &right))
}

/// Kendall's τ-b, four decimals; `None` for fewer than three pairs or when one side never varies.
pub fn kendall(pairs: &[(i128, i128)]) -> Option<Decimal> {
    if pairs.len() < FEWEST_PAIRS {
        return None;
    }
    let (mut agreeing, mut untied_left, mut untied_right) = (0, 0, 0);
    for (place, one) in pairs.iter().enumerate() {
        for other in &pairs[place + 1..] {
            let (left, right) = (sign(one.0.cmp(&other.0)), sign(one.1.cmp(&other.1)));
            agreeing += left * right;
            untied_left += left * left;
            untied_right += right * right;
        }
    }
    correlation(agreeing, untied_left, untied_right)
}

/// Twice the average rank of each value, from the smallest.
fn doubled_ranks(values: impl Iterator<Item = i128>) -> Vec<i128> {
    let values: Vec<_> = values.collect();
    let mut sorted = values.clone();
    sorted.sort_unstable();
    let below = |it: i128| sorted.partition_point(|other| *other < it) as i128;
    let up_to = |it: i128| sorted.partition_point(|other| *other <= it) as i128;
    values.iter().map(|it| below(*it) + 1 + up_to(*it)).collect()
}

/// `together ÷ √(left × right)`.
fn correlation(together: i128, left: i128, right: i128) -> Option<Decimal> {
    (left != 0 && right != 0).then(|| shown(together as f64 / ((left as f64) * (right as f64)).sqrt()))
}

fn sign(ordering: Ordering) -> i128 {
    match ordering {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rho(pairs: &[(i128, i128)]) -> String {
        spearman(pairs).map_or("none".to_owned(), |it| it.to_string())
    }

    fn tau(pairs: &[(i128, i128)]) -> String {
        kendall(pairs).map_or("none".to_owned(), |it| it.to_string())
    }

    #[test]
    fn what_rises_together_correlates_fully() {
        let pairs = [(1, 10), (2, 20), (3, 400)];
        assert_eq!((rho(&pairs).as_str(), tau(&pairs).as_str()), ("1.0000", "1.0000"));
        let against = [(1, 9), (2, 8), (3, -7)];
        assert_eq!((rho(&against).as_str(), tau(&against).as_str()), ("-1.0000", "-1.0000"));
    }

    #[test]
    fn ties_take_the_average_rank() {
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: ρ = 4.5 ÷ √(4.5 × 5), τ-b = 5 ÷ √(5 × 6).
        let pairs = [(1, 1), (2, 2), (2, 3), (3, 4)];
        assert_eq!((rho(&pairs).as_str(), tau(&pairs).as_str()), ("0.9487", "0.9129"));
    }

    #[test]
    fn two_pairs_or_a_constant_say_nothing() {
        assert_eq!(rho(&[(1, 1), (2, 2)]), "none");
        assert_eq!(
            (rho(&[(1, 1), (1, 2), (1, 3)]).as_str(), tau(&[(1, 1), (1, 2), (1, 3)]).as_str()),
            ("none", "none")
        );
    }

    #[test]
    fn an_even_number_has_the_mean_of_the_middle_two() {
        let of =
            |values: &[i128]| median(values.iter().map(|it| Fraction::from(*it))).map(|it| it.to_string());
        assert_eq!(of(&[61, 40, 34]).as_deref(), Some("40/1"));
        assert_eq!(of(&[1, 4]).as_deref(), Some("5/2"));
        assert_eq!(of(&[]), None);
    }

    proptest! {
        #[test]
        fn order_of_input_changes_nothing(mut pairs in prop::collection::vec((0_i128..9, 0_i128..9), 0..12)) {
            let before = (spearman(&pairs), kendall(&pairs));
            pairs.reverse();
            prop_assert_eq!(before, (spearman(&pairs), kendall(&pairs)));
        }

        #[test]
        fn a_correlation_lies_between_minus_one_and_one(pairs in prop::collection::vec((0_i128..9, 0_i128..9), 3..12)) {
            for correlation in [spearman(&pairs), kendall(&pairs)].into_iter().flatten() {
                prop_assert!(correlation.abs() <= Decimal::ONE);
            }
        }
    }
}
