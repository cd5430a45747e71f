//! Which types of their fields can hold which kinds of ours.
//!
//! Here: the question that the check of a mapping asks. Not here: whether a field is there (`schema`), what a single value
//! says (`value`).

use domain::fields::FieldKind;

use crate::mapping::FieldMapping;

/// Everything that reads as a text a person or an administrator wrote.
const TEXTUAL: [&str; 12] = [
    "string",
    "textarea",
    "picklist",
    "multipicklist",
    "combobox",
    "phone",
    "email",
    "url",
    "id",
    "reference",
    "encryptedstring",
    "anyType",
];
const NUMERIC: [&str; 5] = ["double", "currency", "percent", "int", "long"];
/// What has parts, or bytes; it is no plain value, whatever it is mapped to.
const COMPOUND: [&str; 5] = ["address", "location", "base64", "complexvalue", "datacategorygroupreference"];

/// The types that a field of ours can be read from, when theirs is of another one; `None` when it fits.
pub(super) fn misfit(field: &FieldMapping, theirs: &str) -> Option<&'static str> {
    // A description without types says nothing about them.
    if theirs.is_empty() {
        return None;
    }
    // A translated value may be written in any way.
    if field.values.is_some() {
        return COMPOUND.contains(&theirs).then_some("a plain value");
    }
    let is_one_of = |types: &[&str]| types.contains(&theirs);
    let (fits, expected) = match field.field.kind() {
        FieldKind::Date => (theirs == "date", "date"),
        FieldKind::Instant => (theirs == "datetime", "datetime"),
        FieldKind::Boolean => (theirs == "boolean", "boolean"),
        FieldKind::Number => (is_one_of(&NUMERIC), "a number"),
        FieldKind::Reference(_) => (is_one_of(&["reference", "id"]), "reference"),
        // Some keep the thirteen digits as a number.
        FieldKind::CorporateNumber => (is_one_of(&TEXTUAL) || is_one_of(&NUMERIC), "a text or a number"),
        _ => (is_one_of(&TEXTUAL), "a text"),
    };
    (!fits).then_some(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;

    fn check(ours: &str, theirs: &str, expected: Option<&str>) {
        let text = format!("[opportunity]\nobject = \"Opportunity\"\nfields = {{ {ours} }}");
        let mapping = Mapping::parse(&text).unwrap();
        assert_eq!(misfit(&mapping.objects()[0].fields[0], theirs), expected, "{ours} from {theirs}");
    }

    #[test]
    fn a_field_of_another_type_does_not_fit() {
        check("close_date = \"Name\"", "string", Some("date"));
        check("close_date = \"CloseDate\"", "date", None);
        check("amount = \"Amount\"", "currency", None);
        check("amount = \"StageName\"", "picklist", Some("a number"));
        check("name = \"Amount\"", "currency", Some("a text"));
        check("account = \"Name\"", "string", Some("reference"));
        check("is_won = \"IsWon\"", "boolean", None);
        check("stage = { field = \"IsWon\", values = { \"true\" = \"Closed Won\" } }", "boolean", None);
    }
}
