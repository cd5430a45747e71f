//! Exact fractions: a KPI is rounded once, when it is shown.
//!
//! Here: arithmetic without loss and rounding half-up. Not here: what a missing denominator means (`value`).

use std::ops::{Add, Mul, Sub};

use rust_decimal::Decimal;

/// An exact fraction in lowest terms; the denominator is positive.
///
/// Terms are 128 bits wide: sums of money in minor units divided by one another fit with room to spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

/// A text that is no fraction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fraction; write it as `21/38`, with a denominator other than 0")]
pub struct InvalidFraction(String);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// The whole.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator ÷ denominator`; `None` when there is nothing to divide by.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let shared = greatest_common_divisor(numerator, denominator) * denominator.signum();
        Some(Self { numerator: numerator / shared, denominator: denominator / shared })
    }

    /// A share of one hundred; how weights are written.
    pub fn percent(hundredths: u32) -> Self {
        Self::new(i128::from(hundredths), 100).unwrap_or(Self::ZERO)
    }

    /// The upper term, in lowest terms.
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// The lower term, in lowest terms; positive.
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// This divided by another; `None` when that is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        Self::new(self.numerator * other.denominator, self.denominator * other.numerator)
    }

    /// Rounded half-up (away from zero) to so many decimals: how it is shown.
    pub fn rounded(self, decimals: u32) -> Decimal {
        let scaled = self.numerator.abs() * 10_i128.pow(decimals);
        let rounded = (2 * scaled + self.denominator) / (2 * self.denominator);
        Decimal::try_from_i128_with_scale(rounded * self.numerator.signum(), decimals).unwrap_or(Decimal::MAX)
    }

    /// The nearest floating-point number; only for statistics that need a root.
    pub fn approximate(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

impl From<i128> for Fraction {
    fn from(whole: i128) -> Self {
        Self { numerator: whole, denominator: 1 }
    }
}

impl From<usize> for Fraction {
    fn from(count: usize) -> Self {
        // A count of records in memory never reaches 128 bits.
        Self::from(count as i128)
    }
}

impl Add for Fraction {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let shared = greatest_common_divisor(self.denominator, other.denominator);
        let numerator =
            self.numerator * (other.denominator / shared) + other.numerator * (self.denominator / shared);
        let denominator = self.denominator / shared * other.denominator;
        Self::new(numerator, denominator).expect("a product of positive denominators is positive")
    }
}

impl Sub for Fraction {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self { numerator: -other.numerator, ..other }
    }
}

impl Mul for Fraction {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(self.numerator * other.numerator, self.denominator * other.denominator)
            .expect("a product of positive denominators is positive")
    }
}

impl std::iter::Sum for Fraction {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

impl TryFrom<String> for Fraction {
    type Error = InvalidFraction;

    fn try_from(text: String) -> Result<Self, InvalidFraction> {
        let terms =
            text.split_once('/').and_then(|(upper, lower)| Some((upper.parse().ok()?, lower.parse().ok()?)));
        terms.and_then(|(upper, lower)| Self::new(upper, lower)).ok_or(InvalidFraction(text))
    }
}

fn greatest_common_divisor(left: i128, right: i128) -> i128 {
    let (mut left, mut right) = (left.abs(), right.abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left.max(1)
}

#[cfg(test)]
mod tests {
    use super::Fraction;

    fn shown(numerator: i128, denominator: i128) -> String {
        Fraction::new(numerator, denominator).unwrap().rounded(4).to_string()
    }

    #[test]
    fn half_is_rounded_up() {
        assert_eq!(shown(1, 20_000), "0.0001");
        assert_eq!(shown(1, 20_001), "0.0000");
        assert_eq!(shown(21, 38), "0.5526");
        assert_eq!(shown(-1, 20_000), "-0.0001");
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(Fraction::new(0, 0), None);
        assert_eq!(Fraction::ONE.over(Fraction::ZERO), None);
    }

    #[test]
    fn arithmetic_is_exact() {
        let third = Fraction::new(1, 3).unwrap();
        assert_eq!(third + third + third, Fraction::ONE);
        assert_eq!((third - Fraction::ONE).to_string(), "-2/3");
        assert_eq!(third * Fraction::from(6_usize), Fraction::from(2_usize));
    }

    #[test]
    fn it_survives_being_stored() {
        let fraction = Fraction::new(-21, -38).unwrap();
        assert_eq!(Fraction::try_from(String::from(fraction)), Ok(fraction));
        assert!(Fraction::try_from("1/0".to_owned()).is_err());
    }
}
