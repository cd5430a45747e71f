//! What a source record says now: every field it ever supplied, with the observation its value came from.
//!
//! Most fields of a record come from one observation, so the stored form lists observations once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind, UnknownField};
use domain::sources::Values;
use serde::{Deserialize, Serialize};

/// Where and when a value was first observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// When the value came to be, as far as we know; whole seconds (`fieldChangedAt`).
    #[serde(rename = "changed")]
    pub changed_at: DateTime<Utc>,
    /// When we first saw it.
    #[serde(rename = "seen")]
    pub observed_at: DateTime<Utc>,
    /// Number of the observation in the order of our store.
    #[serde(rename = "seq")]
    pub sequence: i64,
    /// `changed_at` is only known for the record as a whole, because we saw the field for the first time.
    #[serde(rename = "record", default, skip_serializing_if = "is_false")]
    pub record_precision: bool,
    /// The source's clock was ahead by more than five minutes; `changed_at` is when we saw it.
    #[serde(rename = "skew", default, skip_serializing_if = "is_false")]
    pub clock_skew: bool,
}

/// What one record says of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// The value as the source spells it now; `None` is explicitly empty.
    pub value: Option<String>,
    /// Where the value came from; another spelling of it does not move this.
    pub origin: Origin,
    /// Whether there was a value of a person's that was scrubbed: there is none any more, and it competes with nothing.
    pub is_erased: bool,
}

/// What one record says now, field by field. A field that is not here was never supplied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldStates(BTreeMap<Field, FieldState>);

/// A stored text that is no [`FieldStates`].
#[derive(Debug, thiserror::Error)]
pub enum UnreadableStates {
    /// Not the stored form.
    #[error("the stored states of a source record cannot be read; synchronise the record again")]
    Form(#[from] serde_json::Error),
    /// A field that is no longer in the catalogue, or never was.
    #[error("the stored states of a source record name an unknown field; synchronise the record again")]
    Field(#[from] UnknownField),
    /// A field refers to an observation that is not listed.
    #[error("field `{0}` of a stored source record has no observation; synchronise the record again")]
    Origin(Field),
}

impl FieldStates {
    /// What is said of the field; `None` when it was never supplied.
    pub fn get(&self, field: Field) -> Option<&FieldState> {
        self.0.get(&field)
    }

    /// What is said of the field, unless it was scrubbed.
    pub fn said(&self, field: Field) -> Option<&FieldState> {
        self.get(field).filter(|it| !it.is_erased)
    }

    /// Scrubs what is said of a person. `replayed` is what the record's scrubbed observations give: each value was from the
    /// last of those that named it.
    pub fn erase(&mut self, replayed: &Self) {
        for (field, state) in self.0.iter_mut().filter(|(field, _)| field.is_personal()) {
            let origin = replayed.get(*field).map_or(state.origin, |it| it.origin);
            *state = FieldState { value: None, origin, is_erased: true };
        }
    }

    /// Notes that there was a value which was scrubbed.
    pub(crate) fn set_erased(&mut self, field: Field, origin: Origin) {
        self.set(field, FieldState { value: None, origin, is_erased: true });
    }

    /// The supplied fields in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &FieldState)> {
        self.0.iter().map(|(&field, state)| (field, state))
    }

    /// The values alone.
    pub fn values(&self) -> Values {
        self.iter().map(|(field, state)| (field, state.value.clone())).collect()
    }

    pub(super) fn set(&mut self, field: Field, state: FieldState) {
        self.0.insert(field, state);
    }

    /// The stored form: one line of JSON, equal for equal states.
    pub fn to_json(&self) -> String {
        let mut document = Document::default();
        for (field, state) in self.iter() {
            let origin = document.place_of(state.origin);
            document.values.insert(field.name(), state.value.as_deref());
            if origin > 0 {
                document.by.insert(field.name(), origin);
            }
            if state.is_erased {
                document.erased.push(field.name());
            }
        }
        serde_json::to_string(&document).expect("texts, numbers and times always serialise")
    }

    /// Reads [`FieldStates::to_json`].
    pub fn from_json(kind: RecordKind, text: &str) -> Result<Self, UnreadableStates> {
        let document: OwnedDocument = serde_json::from_str(text)?;
        let mut states = Self::default();
        for (name, value) in document.values {
            let field = kind.field(&name)?;
            let place = document.by.get(&name).copied().unwrap_or(0);
            let origin = *document.origins.get(place).ok_or(UnreadableStates::Origin(field))?;
            let is_erased = document.erased.contains(&name);
            states.set(field, FieldState { value, origin, is_erased });
        }
        Ok(states)
    }
}

#[derive(Default, Serialize)]
struct Document<'a> {
    values: BTreeMap<&'static str, Option<&'a str>>,
    origins: Vec<Origin>,
    /// Place in `origins` by field; 0 is left away.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by: BTreeMap<&'static str, usize>,
    /// Fields whose values were scrubbed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    erased: Vec<&'static str>,
}

impl Document<'_> {
    fn place_of(&mut self, origin: Origin) -> usize {
        self.origins.iter().position(|it| *it == origin).unwrap_or_else(|| {
            self.origins.push(origin);
            self.origins.len() - 1
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedDocument {
    values: BTreeMap<String, Option<String>>,
    origins: Vec<Origin>,
    #[serde(default)]
    by: BTreeMap<String, usize>,
    #[serde(default)]
    erased: Vec<String>,
}

/// `skip_serializing_if` hands over a reference.
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::lead;

    fn origin(sequence: i64) -> Origin {
        Origin {
            changed_at: "2026-06-01T01:00:00Z".parse().unwrap(),
            observed_at: "2026-06-01T02:00:00.123456Z".parse().unwrap(),
            sequence,
            record_precision: true,
            clock_skew: false,
        }
    }

    #[test]
    fn states_survive_their_stored_form() {
        let mut states = FieldStates::default();
        for (field, value, sequence) in
            [(lead::company, Some("極洋"), 1), (lead::title, None, 1), (lead::phone, Some("03"), 2)]
        {
            let (value, origin) = (value.map(str::to_owned), origin(sequence));
            states.set(field, FieldState { value, origin, is_erased: false });
        }
        let json = states.to_json();
        assert!(json.ends_with(r#""by":{"phone":1}}"#), "{json}");
        assert_eq!(FieldStates::from_json(RecordKind::Lead, &json).unwrap(), states);
    }

    #[test]
    fn scrubbed_states_keep_no_value_and_survive_their_stored_form() {
        let mut states = FieldStates::default();
        for (field, value) in [(lead::company, "極洋"), (lead::phone, "03-1234-5678")] {
            let state = FieldState { value: Some(value.to_owned()), origin: origin(1), is_erased: false };
            states.set(field, state);
        }
        states.erase(&FieldStates::default());
        let json = states.to_json();
        assert!(json.contains("極洋") && !json.contains("5678"), "{json}");
        assert!(states.get(lead::phone).is_some_and(|it| it.is_erased) && states.said(lead::phone).is_none());
        assert_eq!(FieldStates::from_json(RecordKind::Lead, &json).unwrap(), states);
    }

    #[test]
    fn a_damaged_form_is_refused() {
        let read = |text| FieldStates::from_json(RecordKind::Lead, text);
        assert!(matches!(read("{"), Err(UnreadableStates::Form(_))));
        assert!(matches!(read(r#"{"values":{"nose":"x"},"origins":[]}"#), Err(UnreadableStates::Field(_))));
        assert!(matches!(
            read(r#"{"values":{"company":"x"},"origins":[]}"#),
            Err(UnreadableStates::Origin(_))
        ));
    }
}
