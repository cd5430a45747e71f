//! What the payload of an event may hold. Small on purpose: flat fields, each with a type and bounds.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

crate::codes! {
    /// What a field holds.
    pub enum FieldType {
        Integer("整数", "A whole number"),
        Number("数値", "A number"),
        Text("文字列", "A text"),
        Boolean("真偽値", "Yes or no"),
        OneOf("選択肢", "One of some codes"),
    }
}

/// One field of a payload.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSchema {
    /// What it holds.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Whether it must be there.
    #[serde(default)]
    pub required: bool,
    /// Smallest number, or fewest characters.
    #[serde(default)]
    pub min: Option<f64>,
    /// Largest number, or most characters.
    #[serde(default)]
    pub max: Option<f64>,
    /// The codes allowed, for `ONE_OF`.
    #[serde(default)]
    pub values: Vec<String>,
}

/// The fields of a payload; no others are allowed, so that a misspelled one is noticed.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PayloadSchema(pub BTreeMap<String, FieldSchema>);

/// What is wrong with a payload. Values are not repeated: they may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadRefusal {
    /// A field that must be there is not.
    #[error("the payload lacks `{0}`; add it")]
    Missing(String),
    /// A field that the kind does not have.
    #[error("the payload has no field `{field}`; leave it out or use one of: {allowed}")]
    Unknown {
        /// The field.
        field: String,
        /// What could have been meant.
        allowed: String,
    },
    /// A value of another type.
    #[error("`{field}` of the payload must be: {expected}")]
    WrongType {
        /// The field.
        field: String,
        /// What it holds.
        expected: String,
    },
    /// A value outside its bounds.
    #[error("`{field}` of the payload must be {bounds}")]
    OutOfBounds {
        /// The field.
        field: String,
        /// The bounds.
        bounds: String,
    },
}

impl PayloadSchema {
    /// Checks a payload; the first thing wrong is reported, by name of the field.
    pub fn check(&self, payload: &Map<String, Value>) -> Result<(), PayloadRefusal> {
        let missing = self.0.iter().find(|(name, field)| field.required && is_absent(payload.get(*name)));
        if let Some((name, _)) = missing {
            return Err(PayloadRefusal::Missing(name.clone()));
        }
        let mut fields: Vec<_> = payload.iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        fields.into_iter().try_for_each(|(name, value)| self.check_field(name, value))
    }

    fn check_field(&self, name: &str, value: &Value) -> Result<(), PayloadRefusal> {
        let Some(field) = self.0.get(name) else {
            let allowed = self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(PayloadRefusal::Unknown { field: name.to_owned(), allowed });
        };
        if value.is_null() {
            return Ok(());
        }
        let size = field.size(value).ok_or_else(|| PayloadRefusal::WrongType {
            field: name.to_owned(),
            expected: field.expected(),
        })?;
        let fits = field.min.is_none_or(|it| size >= it) && field.max.is_none_or(|it| size <= it);
        let refuse = || PayloadRefusal::OutOfBounds { field: name.to_owned(), bounds: field.bounds() };
        if fits { Ok(()) } else { Err(refuse()) }
    }
}

impl FieldSchema {
    /// The number or length that bounds apply to; `None` when the value is of another type.
    fn size(&self, value: &Value) -> Option<f64> {
        match self.field_type {
            FieldType::Integer => value.as_i64().map(|it| it as f64),
            FieldType::Number => value.as_f64(),
            FieldType::Text => value.as_str().map(|it| it.chars().count() as f64),
            FieldType::Boolean => value.as_bool().map(|_| 0.0),
            FieldType::OneOf => {
                value.as_str().filter(|it| self.values.iter().any(|code| code == it)).map(|_| 0.0)
            }
        }
    }

    fn expected(&self) -> String {
        let label = self.field_type.label(crate::text::Language::En).to_lowercase();
        if self.values.is_empty() { label } else { format!("{label}: {}", self.values.join(", ")) }
    }

    fn bounds(&self) -> String {
        let unit = if self.field_type == FieldType::Text { " characters" } else { "" };
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}{unit}"),
            (Some(min), None) => format!("at least {min}{unit}"),
            (None, Some(max)) => format!("at most {max}{unit}"),
            (None, None) => "anything".to_owned(),
        }
    }
}

/// An explicit null says as little as a missing field.
fn is_absent(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(payload: Value) -> Result<(), String> {
        let schema: PayloadSchema = serde_json::from_value(json!({
            "seconds": { "type": "INTEGER", "required": true, "min": 0, "max": 100 },
            "keyword": { "type": "TEXT", "max": 3 },
            "priority": { "type": "ONE_OF", "values": ["LOW", "HIGH"] },
            "helpful": { "type": "BOOLEAN" },
        }))
        .unwrap();
        schema.check(payload.as_object().unwrap()).map_err(|it| it.to_string())
    }

    #[test]
    fn a_payload_that_fits_is_taken() {
        assert_eq!(
            check(json!({ "seconds": 100, "keyword": "提案書", "priority": "LOW", "helpful": null })),
            Ok(())
        );
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let refusals = [
            (json!({}), "the payload lacks `seconds`; add it"),
            (json!({ "seconds": null }), "the payload lacks `seconds`; add it"),
            (json!({ "seconds": "9" }), "`seconds` of the payload must be: a whole number"),
            (json!({ "seconds": 1.5 }), "`seconds` of the payload must be: a whole number"),
            (json!({ "seconds": 101 }), "`seconds` of the payload must be from 0 to 100"),
            (
                json!({ "seconds": 1, "keyword": "abcd" }),
                "`keyword` of the payload must be at most 3 characters",
            ),
            (
                json!({ "seconds": 1, "priority": "MID" }),
                "`priority` of the payload must be: one of some codes: LOW, HIGH",
            ),
        ];
        for (payload, expected) in refusals {
            assert_eq!(check(payload), Err(expected.to_owned()));
        }
        let unknown = check(json!({ "seconds": 1, "secnds": 1 })).unwrap_err();
        assert!(unknown.starts_with("the payload has no field `secnds`"), "{unknown}");
    }
}
