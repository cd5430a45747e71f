//! How sure a rate is: Wilson's score interval (E. B. Wilson, 1927).
//!
//! Unlike the textbook interval it stays between 0 and 1 and is honest for small samples and rates near the ends.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// Two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Decimals shown.
const DECIMALS: u32 = 4;

/// Where a figure lies in 95 of 100 cases; four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: Decimal,
    /// Upper end.
    pub high: Decimal,
}

impl Interval {
    /// Whether two intervals share a value; if they do, the sample does not tell the two rates apart.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

/// The interval of `hits` among `all`; `None` when there was nothing to hit.
pub fn wilson(hits: usize, all: usize) -> Option<Interval> {
    if all == 0 || hits > all {
        return None;
    }
    let (n, rate) = (all as f64, hits as f64 / all as f64);
    let scale = 1.0 + Z * Z / n;
    let centre = (rate + Z * Z / (2.0 * n)) / scale;
    let half = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    Some(Interval { low: shown((centre - half).max(0.0)), high: shown((centre + half).min(1.0)) })
}

/// A floating-point figure as it is shown: four decimals, half away from zero.
pub(super) fn shown(figure: f64) -> Decimal {
    let rounded = Decimal::from_f64(figure).unwrap_or_default();
    let mut shown =
        rounded.round_dp_with_strategy(DECIMALS, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    shown.rescale(DECIMALS);
    shown
}

#[cfg(test)]
mod tests {
    use super::wilson;

    fn check(hits: usize, all: usize, low: &str, high: &str) {
        let interval = wilson(hits, all).unwrap();
        assert_eq!((interval.low.to_string(), interval.high.to_string()), (low.to_owned(), high.to_owned()));
    }

    #[test]
    fn published_values_are_met() {
        // R. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        check(81, 263, "0.2553", "0.3662");
        check(15, 148, "0.0624", "0.1605");
        check(0, 20, "0.0000", "0.1611");
        check(1, 29, "0.0061", "0.1718");
    }

    #[test]
    fn the_interval_stays_within_zero_and_one() {
        check(5, 5, "0.5655", "1.0000");
        assert_eq!(wilson(0, 0), None);
    }
}
