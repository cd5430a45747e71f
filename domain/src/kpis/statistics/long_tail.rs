//! The long tail: how unevenly a total is spread over those who make it (M. O. Lorenz, 1905).

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::kpis::fraction::Fraction;

/// One member of the curve, the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Who.
    pub id: Uuid,
    /// Its amount, in minor units.
    pub amount: i128,
    /// Its share of members and that of all before it.
    pub members: Fraction,
    /// Its share of the total and that of all before it; `None` when the total is zero.
    pub total: Option<Fraction>,
}

/// Members sorted by amount, descending, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongTail {
    steps: Vec<Step>,
}

/// The curve of some members; whoever has nothing belongs to it as well.
pub fn long_tail(members: impl IntoIterator<Item = (Uuid, i128)>) -> LongTail {
    let mut members: Vec<_> = members.into_iter().collect();
    members.sort_by_key(|(id, amount)| (std::cmp::Reverse(*amount), *id));
    let all: i128 = members.iter().map(|(_, amount)| amount).sum();
    let count = members.len() as i128;
    let mut so_far = 0;
    let step = |(place, (id, amount)): (i128, (Uuid, i128))| {
        so_far += amount;
        let members = Fraction::new(place, count).unwrap_or(Fraction::ONE);
        Step { id, amount, members, total: Fraction::new(so_far, all) }
    };
    LongTail { steps: (1..).zip(members).map(step).collect() }
}

impl LongTail {
    /// All members, the largest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The first ⌈share × N⌉ members, the share given as a fraction such as 1 and 5.
    pub fn top(&self, numerator: usize, denominator: usize) -> &[Step] {
        let count = (self.steps.len() * numerator).div_ceil(denominator.max(1));
        &self.steps[..count.min(self.steps.len())]
    }

    /// How many members it takes, the largest first, to reach a share of the total.
    pub fn members_for(&self, share: Fraction) -> Option<usize> {
        self.steps.iter().position(|it| it.total.is_some_and(|it| it >= share)).map(|it| it + 1)
    }

    /// Gini coefficient: 0 when all have the same, near 1 when one has all; four decimals, `None` without a total.
    pub fn gini(&self) -> Option<Decimal> {
        let count = self.steps.len() as i128;
        let all: i128 = self.steps.iter().map(|it| it.amount).sum();
        // Places count from the smallest; the steps come from the largest.
        let weighted: i128 =
            (1..).zip(self.steps.iter().rev()).map(|(place, it): (i128, _)| place * it.amount).sum();
        Fraction::new(2 * weighted - (count + 1) * all, count * all).map(|it| it.rounded(4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(amounts: &[i128]) -> LongTail {
        long_tail((1..).map(Uuid::from_u128).zip(amounts.iter().copied()))
    }

    #[test]
    fn a_fifth_of_six_members_are_two() {
        assert_eq!(curve(&[1, 2, 3, 4, 5, 6]).top(1, 5).len(), 2);
        assert_eq!(curve(&[1, 2, 3, 4, 5]).top(1, 5).len(), 1);
        assert!(curve(&[]).top(1, 5).is_empty());
    }

    #[test]
    fn equals_are_in_the_order_of_their_ids() {
        let ids: Vec<_> = curve(&[7, 9, 7]).steps().iter().map(|it| it.id.as_u128()).collect();
        assert_eq!(ids, [2, 1, 3]);
    }

    #[test]
    fn the_curve_ends_at_everyone_and_everything() {
        let curve = curve(&[0, 30, 10, 60]);
        let last = curve.steps().last().unwrap();
        assert_eq!((last.members, last.total), (Fraction::ONE, Some(Fraction::ONE)));
        assert_eq!(curve.members_for(Fraction::percent(80)), Some(2));
    }

    #[test]
    fn gini_tells_equal_from_unequal() {
        assert_eq!(curve(&[5, 5, 5, 5]).gini().unwrap().to_string(), "0.0000");
        assert_eq!(curve(&[0, 0, 0, 8]).gini().unwrap().to_string(), "0.7500");
        assert_eq!(curve(&[0, 0]).gini(), None);
    }
}
