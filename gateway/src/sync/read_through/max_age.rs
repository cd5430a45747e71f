//! Lengths of time as ISO 8601 writes them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::TimeDelta;

/// A length of time in ISO 8601, such as `PT5M`, `PT1H30M` or `P1D`; at most a year. Years and months have no fixed length
/// and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaxAge(TimeDelta);

/// Longest length of time.
const LONGEST: i64 = 366 * 86_400;

impl MaxAge {
    /// As a length of time.
    pub fn length(self) -> TimeDelta {
        self.0
    }

    /// Reads a text; `None` when it is no such length.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('P')?;
        let (days, time) = match text.split_once('T') {
            Some((_, "")) => return None,
            Some((days, time)) => (days, time),
            None => (text, ""),
        };
        if days.is_empty() && time.is_empty() {
            return None;
        }
        let days = seconds(days, &[('W', 7 * 86_400), ('D', 86_400)])?;
        let time = seconds(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        let all = days.checked_add(time).filter(|it| *it <= LONGEST)?;
        TimeDelta::try_seconds(all).map(Self)
    }
}

/// The sum of parts such as `1H30M`, each unit at most once and in this order.
fn seconds(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, length) in units {
        if let Some((digits, rest)) = text.split_once(*unit) {
            if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
                return None;
            }
            sum = sum.checked_add(digits.parse::<i64>().ok()?.checked_mul(*length)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}

/// A length of time in ISO 8601, such as `PT5M`, `PT1H30M` or `P1D`; at most a year.
#[Scalar(name = "Duration")]
impl ScalarType for MaxAge {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Self::parse(text)
                .ok_or_else(|| InputValueError::custom("expected a length of time in ISO 8601 such as PT5M")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(format!("PT{}S", self.0.num_seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_iso_8601_writes_them() {
        let minutes = |text| MaxAge::parse(text).map(|it| it.length().num_minutes());
        assert_eq!(minutes("PT5M"), Some(5));
        assert_eq!(minutes("PT1H30M"), Some(90));
        assert_eq!(minutes("P1DT1M"), Some(1_441));
        assert_eq!(minutes("PT0S"), Some(0));
        for wrong in
            ["", "P", "PT", "5M", "P1Y", "P1M", "PT5", "PTM", "PT5M5H", "P1DT", "PT-5M", "P400D", "PT5.5M"]
        {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }
}
