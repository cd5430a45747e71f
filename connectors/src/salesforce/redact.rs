//! What the error log may keep of a record: which fields it had, and the values that are nobody's secret.
//!
//! Here: the mapped fields of one record as JSON; dates, amounts, codes and ids as they are, of everything that may be
//! about a person only the length. Not here: when it is kept (`decode`).

use domain::fields::FieldKind;
use serde_json::{Map, Value};

use super::value::{Cell, Row};
use crate::mapping::{CrmPath, ObjectMapping};

/// Values of the CRM's own fields, without persons.
pub(super) fn redacted(mapping: &ObjectMapping, row: &impl Row) -> String {
    let mut shown = Map::new();
    let mut show = |name: &str, is_open: bool| {
        let value = match row.own(name) {
            Cell::Absent => return,
            // What is empty stays empty: that is often the reason of the failure.
            Cell::Null => Value::Null,
            Cell::Plain(text) if is_open => Value::String(text.into_owned()),
            Cell::Plain(text) => Value::String(format!("({} characters)", text.chars().count())),
            Cell::Compound => Value::String("(hidden)".to_owned()),
        };
        shown.insert(name.to_owned(), value);
    };
    for name in ["Id", "SystemModstamp", "IsDeleted"] {
        show(name, true);
    }
    for field in &mapping.fields {
        if let CrmPath::Own(name) = &field.source {
            show(name, is_open(field.field.kind()));
        }
    }
    Value::Object(shown).to_string()
}

/// Whether values of this kind tell nothing of a person.
fn is_open(kind: FieldKind) -> bool {
    use FieldKind::*;
    matches!(kind, Code | Date | Instant | Boolean | Number | Reference(_))
}

#[cfg(test)]
mod tests {
    use domain::fields::RecordKind;

    use super::super::json::JsonRow;
    use super::*;
    use crate::mapping::Mapping;

    #[test]
    fn persons_are_masked_and_codes_are_not() {
        let body = r#"{"Id":"00Q5g000001abCDEAY","LastName":"佐藤","Email":null,"Status":"Nurturing"}"#;
        let row: JsonRow<'_> = serde_json::from_str(body).unwrap();
        let mapping = Mapping::salesforce();
        let text = redacted(mapping.of(RecordKind::Lead).unwrap(), &row);
        let shown: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(shown["LastName"], "(2 characters)");
        assert_eq!((&shown["Email"], &shown["Status"]), (&Value::Null, &Value::from("Nurturing")));
    }
}
