//! 法人番号: the thirteen-digit public number of a Japanese legal entity.

use std::fmt;
use std::str::FromStr;

/// 法人番号 whose check digit is right.
///
/// The first digit is `9 − (Σ Pₙ·Qₙ mod 9)` over the other twelve, counted from the right, with Q = 1 for odd and
/// 2 for even places (National Tax Agency). A slip between 0 and 9 is not detected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct CorporateNumber(String);

/// A text that is no corporate number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCorporateNumber {
    /// Not thirteen digits.
    #[error("a corporate number has 13 digits")]
    Length,
    /// The first digit does not follow from the others.
    #[error("the check digit of the corporate number is wrong; compare it with the official register")]
    CheckDigit,
}

impl CorporateNumber {
    /// The thirteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CorporateNumber {
    type Err = InvalidCorporateNumber;

    /// Reads thirteen digits; full width, spaces, hyphens and a leading `T` are tolerated.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Vec<u32> = text
            .trim()
            .trim_start_matches(['T', 'Ｔ'])
            .chars()
            .filter(|it| !matches!(it, ' ' | '　' | '-' | '－' | '‐'))
            .map(|it| digit(it).ok_or(InvalidCorporateNumber::Length))
            .collect::<Result<_, _>>()?;
        let [check, base @ ..] = digits.as_slice() else { return Err(InvalidCorporateNumber::Length) };
        if base.len() != 12 {
            return Err(InvalidCorporateNumber::Length);
        }
        let sum: u32 =
            base.iter().rev().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        if *check != 9 - sum % 9 {
            return Err(InvalidCorporateNumber::CheckDigit);
        }
        Ok(Self(digits.iter().filter_map(|&it| char::from_digit(it, 10)).collect()))
    }
}

fn digit(character: char) -> Option<u32> {
    match character {
        '０'..='９' => Some(character as u32 - '０' as u32),
        _ => character.to_digit(10),
    }
}

impl fmt::Display for CorporateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{CorporateNumber, InvalidCorporateNumber};

    #[test]
    fn numbers_of_the_specification_are_valid() {
        for text in [
            "7000012050002",
            "4011001098993",
            "7123456789012",
            "Ｔ４０１１００１０９８９９３",
            "4-0110-0109-8993",
        ] {
            assert!(text.parse::<CorporateNumber>().is_ok(), "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_found() {
        assert_eq!("4011001098983".parse::<CorporateNumber>(), Err(InvalidCorporateNumber::CheckDigit));
    }

    #[test]
    fn a_mangled_number_is_no_number() {
        for text in ["", "4.01E+12", "401100109899", "40110010989933"] {
            assert_eq!(text.parse::<CorporateNumber>(), Err(InvalidCorporateNumber::Length), "{text}");
        }
    }
}
