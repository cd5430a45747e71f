//! Money: whole minor units of a currency.

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

impl Money {
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
}
