//! When two values of a field are the same value, however they are written.
//!
//! Here: one comparison per kind of field; an equivalent spelling is no change, no echo and no reason to write back.
//! Not here: whether two records are one (`matching`): that asks for likeness, this asks for sameness.

use domain::corporate_number::CorporateNumber;
use domain::fields::{Field, FieldKind};

use crate::normalise::contact::{email, postal_code, website};
use crate::normalise::phone::{extension, phone};
use crate::normalise::text::spaced;

/// Whether both say the same. An empty value is the same only as an empty one.
pub fn same(field: Field, a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || same_text(field.kind(), a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn same_text(kind: FieldKind, a: &str, b: &str) -> bool {
    match kind {
        FieldKind::Phone => agree(|it| Some((phone(it)?, extension(it))), a, b) || spaced(a) == spaced(b),
        FieldKind::Email => agree(email, a, b) || spaced(a) == spaced(b),
        FieldKind::PostalCode => agree(postal_code, a, b) || spaced(a) == spaced(b),
        FieldKind::CorporateNumber => agree(|it| it.parse::<CorporateNumber>().ok(), a, b),
        FieldKind::Website => website(a) == website(b),
        FieldKind::Text => spaced(a) == spaced(b),
        // Canonical already, or identifiers whose every byte counts.
        FieldKind::Code
        | FieldKind::Date
        | FieldKind::Instant
        | FieldKind::Boolean
        | FieldKind::Number
        | FieldKind::Reference(_)
        | FieldKind::Partner
        | FieldKind::PartnerUser => false,
    }
}

fn agree<T: PartialEq>(read: impl Fn(&str) -> Option<T>, a: &str, b: &str) -> bool {
    matches!((read(a), read(b)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::same;
    use domain::fields::{Field, account, lead, opportunity};

    fn check(field: Field, a: &str, b: &str, expected: bool) {
        assert_eq!(same(field, Some(a), Some(b)), expected, "{field:?}: {a} / {b}");
    }

    #[test]
    fn spelling_is_no_difference() {
        check(lead::phone, "03-1234-5678", "0312345678", true);
        check(lead::phone, "03-1234-5678", "+81 3-1234-5678", true);
        check(lead::email, "Taro@Example.co.jp", "taro@example.co.jp", true);
        check(lead::company, "㈱極洋", "（株）極洋", true);
        check(lead::last_name, "山田　", "山田", true);
        check(lead::postal_code, "〒100-0005", "1000005", true);
        check(account::corporate_number, "T7000012050002", "7000012050002", true);
        check(account::website, "http://www.example.co.jp/", "example.co.jp", true);
    }

    #[test]
    fn a_difference_is_one() {
        check(lead::phone, "03-1234-5678", "03-1234-5679", false);
        check(lead::company, "株式会社極洋", "極洋株式会社", false);
        check(lead::company, "Acme", "ACME", false);
        check(lead::phone, "03-1234-5678 内線12", "03-1234-5678 内線13", false);
        check(opportunity::account, "001xx000003DGbY", "001xx000003DGby", false);
    }

    #[test]
    fn empty_is_the_same_only_as_empty() {
        assert!(same(lead::phone, None, None));
        assert!(!same(lead::phone, None, Some("03-1234-5678")));
    }
}
