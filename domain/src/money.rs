//! Money: whole minor units of a currency.
//!
//! Here: amounts that a currency can hold, sums within one currency, shares rounded down.
//! Not here: exchange rates.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// An amount in minor units (JPY has none: ¥1,234 is 1234; $12.34 is 1234).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// An amount that its currency cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an amount in {currency} has at most {decimals} decimals; round it before sending")]
pub struct MoneyScale {
    /// ISO 4217 code.
    pub currency: String,
    /// How many decimals it may have.
    pub decimals: u32,
}

/// Amounts that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum MoneySum {
    /// Two currencies.
    #[error("{first} and {second} are never added; convert one of them first")]
    MoneyMixed {
        /// ISO 4217 code of the first amount.
        first: String,
        /// ISO 4217 code of the other.
        second: String,
    },
    /// More than an amount can hold.
    #[error("the sum of the amounts is too large")]
    MoneyTooLarge,
}

impl Money {
    /// Nothing of a currency.
    pub fn zero(currency: &str) -> Self {
        Self { minor: 0, currency: currency.to_owned() }
    }

    /// The sum of two amounts of one currency.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneySum> {
        if self.currency != other.currency {
            let (first, second) = (self.currency.clone(), other.currency.clone());
            return Err(MoneySum::MoneyMixed { first, second });
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneySum::MoneyTooLarge)?;
        Ok(Self { minor, currency: self.currency.clone() })
    }

    /// The sum of amounts of one currency; zero of it when there are none.
    pub fn sum<'a>(currency: &str, amounts: impl IntoIterator<Item = &'a Self>) -> Result<Self, MoneySum> {
        amounts.into_iter().try_fold(Self::zero(currency), |sum, it| sum.plus(it))
    }

    /// A share of the amount, rounded down to whole minor units (towards minus infinity, as corrections need).
    pub fn share(&self, rate: Decimal) -> Result<Self, MoneySum> {
        let share = Decimal::from(self.minor).checked_mul(rate).ok_or(MoneySum::MoneyTooLarge)?;
        let minor = share.floor().to_i64().ok_or(MoneySum::MoneyTooLarge)?;
        Ok(Self { minor, currency: self.currency.clone() })
    }

    /// An exact amount; refused when it has more decimals than the currency.
    pub fn exact(amount: Decimal, currency: &str) -> Result<Self, MoneyScale> {
        let decimals = decimals(currency);
        let refuse = || MoneyScale { currency: currency.to_owned(), decimals };
        let minor = amount.checked_mul(Decimal::from(10_u64.pow(decimals))).ok_or_else(refuse)?;
        let whole = minor.fract().is_zero().then(|| minor.to_i64()).flatten();
        Ok(Self { minor: whole.ok_or_else(refuse)?, currency: currency.to_owned() })
    }

    /// The amount in major units.
    pub fn amount(&self) -> Decimal {
        Decimal::new(self.minor, decimals(&self.currency)).normalize()
    }
}

/// Decimals of a currency (ISO 4217; two unless listed).
fn decimals(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "XAF" | "XOF" | "XPF" | "UGX" | "RWF" | "PYG" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(amount: &str, currency: &str) -> Result<i64, MoneyScale> {
        Money::exact(amount.parse().unwrap(), currency).map(|it| it.minor)
    }

    #[test]
    fn yen_have_no_fraction() {
        assert_eq!(exact("1234", "JPY"), Ok(1234));
        assert_eq!(exact("1234.00", "JPY"), Ok(1234));
        assert!(exact("1234.5", "JPY").is_err());
    }

    #[test]
    fn dollars_have_two_decimals() {
        assert_eq!(exact("12.34", "USD"), Ok(1234));
        assert!(exact("12.345", "USD").is_err());
        assert_eq!(Money::exact("12.30".parse().unwrap(), "USD").unwrap().amount().to_string(), "12.3");
    }

    fn yen(minor: i64) -> Money {
        Money { minor, currency: "JPY".to_owned() }
    }

    #[test]
    fn currencies_are_never_mixed() {
        let dollars = Money { minor: 100, currency: "USD".to_owned() };
        assert!(matches!(yen(1).plus(&dollars), Err(MoneySum::MoneyMixed { .. })));
        assert_eq!(Money::sum("JPY", &[yen(1), yen(2)]), Ok(yen(3)));
        assert_eq!(Money::sum("JPY", &[]), Ok(yen(0)));
        assert!(Money::sum("USD", &[yen(1)]).is_err());
        assert_eq!(yen(i64::MAX).plus(&yen(1)), Err(MoneySum::MoneyTooLarge));
    }

    #[test]
    fn a_share_is_rounded_down() {
        let rate = "0.15".parse().unwrap();
        assert_eq!(yen(128_395).share(rate), Ok(yen(19_259)));
        assert_eq!(yen(33_375).share(rate), Ok(yen(5_006)));
        assert_eq!(yen(-1).share(rate), Ok(yen(-1)));
        assert_eq!(yen(i64::MAX).share("3".parse().unwrap()), Err(MoneySum::MoneyTooLarge));
    }
}
