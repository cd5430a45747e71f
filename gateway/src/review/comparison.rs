//! Two records side by side, field by field.

use domain::fields::{Field, RecordKind};
use domain::review::Agreement;
use mastering::equivalence::same;
use mastering::survivorship::field_states::FieldStates;

/// One field of both records.
pub(super) struct Compared {
    pub(super) field: Field,
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
    pub(super) agreement: Agreement,
}

/// The fields of which one of the records says something, in the order of the catalogue.
pub(super) fn compare(kind: RecordKind, left: &FieldStates, right: &FieldStates) -> Vec<Compared> {
    let value = |states: &FieldStates, field| states.get(field).and_then(|it| it.value.clone());
    let compared = kind.fields().filter_map(|field| {
        let (left, right) = (value(left, field), value(right, field));
        let agreement = agreement(field, left.as_deref(), right.as_deref())?;
        Some(Compared { field, left, right, agreement })
    });
    compared.collect()
}

fn agreement(field: Field, left: Option<&str>, right: Option<&str>) -> Option<Agreement> {
    match (left, right) {
        (None, None) => None,
        (Some(_), None) => Some(Agreement::OnlyLeft),
        (None, Some(_)) => Some(Agreement::OnlyRight),
        (Some(a), Some(b)) if a == b => Some(Agreement::Equal),
        (a, b) if same(field, a, b) => Some(Agreement::Equivalent),
        _ => Some(Agreement::Different),
    }
}

#[cfg(test)]
mod tests {
    use domain::fields::lead;

    use super::*;

    fn check(left: Option<&str>, right: Option<&str>, expected: Option<Agreement>) {
        assert_eq!(agreement(lead::phone, left, right), expected, "{left:?} {right:?}");
    }

    #[test]
    fn a_field_agrees_in_spelling_in_meaning_or_not() {
        check(Some("03-1234-5678"), Some("03-1234-5678"), Some(Agreement::Equal));
        check(Some("03-1234-5678"), Some("0312345678"), Some(Agreement::Equivalent));
        check(Some("03-1234-5678"), Some("03-1234-5679"), Some(Agreement::Different));
        check(Some("03-1234-5678"), None, Some(Agreement::OnlyLeft));
        check(None, Some("03-1234-5678"), Some(Agreement::OnlyRight));
        check(None, None, None);
    }
}
