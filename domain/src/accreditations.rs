//! Licences and certifications that a partner needs for some business, and until when they hold.

use std::collections::BTreeSet;

use chrono::NaiveDate;

/// One licence or certification of a partner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accreditation {
    /// Which: a code that requirements name.
    pub code: String,
    /// The first date.
    pub valid_from: NaiveDate,
    /// The last date; `None` for one that does not expire.
    pub expires_on: Option<NaiveDate>,
}

impl Accreditation {
    /// Whether it holds on a date.
    pub fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.expires_on.is_none_or(|it| date <= it)
    }
}

/// What is required and not held on a date. Empty when the partner may do the business.
pub fn missing<'a>(
    required: &'a BTreeSet<String>,
    held: &[Accreditation],
    date: NaiveDate,
) -> BTreeSet<&'a str> {
    let is_held = |code: &str| held.iter().any(|it| it.code == code && it.is_valid_on(date));
    required.iter().map(String::as_str).filter(|it| !is_held(it)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: &str, expected: &[&str]) {
        let required = ["MEDICAL_DEVICES", "SALES_BASICS"].map(str::to_owned).into();
        let held = [
            Accreditation {
                code: "MEDICAL_DEVICES".to_owned(),
                valid_from: "2026-04-01".parse().unwrap(),
                expires_on: "2026-09-30".parse().ok(),
            },
            Accreditation {
                code: "SALES_BASICS".to_owned(),
                valid_from: "2026-04-01".parse().unwrap(),
                expires_on: None,
            },
        ];
        let missing = missing(&required, &held, date.parse().unwrap());
        assert_eq!(missing, expected.iter().copied().collect(), "{date}");
    }

    #[test]
    fn an_accreditation_holds_until_its_last_date() {
        check("2026-03-31", &["MEDICAL_DEVICES", "SALES_BASICS"]);
        check("2026-04-01", &[]);
        check("2026-09-30", &[]);
        check("2026-10-01", &["MEDICAL_DEVICES"]);
    }
}
