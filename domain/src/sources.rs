//! What a source says: the shape in which a connector hands over a record.
//!
//! Here: systems, record identity, the three states of a value, and a record as read.
//! Not here: how a CRM spells it (`connectors`), what is believed of it (`mastering`).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::fields::{Field, InvalidValue, RecordKind, UnknownField, lead};
use crate::leads::LeadStage;

/// Code of a system that supplies records, such as `OWN` or `CRM`: 1–16 of `A–Z 0–9 _`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "store", derive(sea_orm::DeriveValueType), sea_orm(value_type = "String"))]
pub struct SourceSystem(String);

/// A text that cannot name a system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a source system; use 1 to 16 of A-Z, 0-9 and _")]
pub struct InvalidSystem(String);

impl SourceSystem {
    /// Our own store as a source: what people enter through the API.
    pub fn own() -> Self {
        Self("OWN".to_owned())
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "store")]
impl sea_orm::TryFromU64 for SourceSystem {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::Custom("SourceSystem is never made by the database".to_owned()))
    }
}

impl FromStr for SourceSystem {
    type Err = InvalidSystem;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let allowed = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_';
        match (1..=16).contains(&code.len()) && code.chars().all(allowed) {
            true => Ok(Self(code.to_owned())),
            false => Err(InvalidSystem(code.to_owned())),
        }
    }
}

impl TryFrom<String> for SourceSystem {
    type Error = InvalidSystem;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

impl From<SourceSystem> for String {
    fn from(system: SourceSystem) -> Self {
        system.0
    }
}

impl fmt::Display for SourceSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identity of a record outside: system, object there, id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SourceKey {
    /// The system.
    pub system: SourceSystem,
    /// The system's name for the kind of record, such as `Lead`.
    pub object: String,
    /// The system's id, exactly as given.
    pub external_id: String,
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.system, self.object, self.external_id)
    }
}

/// What is known of one field of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueState<'a> {
    /// Not supplied: not in the payload, hidden from us, or not mapped. Says nothing.
    Absent,
    /// Explicitly empty.
    Null,
    /// A value, in canonical text.
    Present(&'a str),
}

/// The values of one record as one source gave them. A field that is not here is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Field, Option<String>>);

impl Values {
    /// No values at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value given as text; blank means explicitly empty.
    pub fn set(&mut self, field: Field, given: &str) -> Result<(), InvalidValue> {
        self.0.insert(field, field.canonical(given)?);
        Ok(())
    }

    /// Sets a field to explicitly empty.
    pub fn set_null(&mut self, field: Field) {
        self.0.insert(field, None);
    }

    /// Sets a value that is canonical already, or explicitly empty.
    pub fn put(&mut self, field: Field, value: Option<String>) {
        self.0.insert(field, value);
    }

    /// What is said of the field.
    pub fn get(&self, field: Field) -> ValueState<'_> {
        match self.0.get(&field) {
            None => ValueState::Absent,
            Some(None) => ValueState::Null,
            Some(Some(value)) => ValueState::Present(value),
        }
    }

    /// The value, if there is one.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.0.get(&field).and_then(Option::as_deref)
    }

    /// The supplied fields in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (Field, Option<&str>)> {
        self.0.iter().map(|(&field, value)| (field, value.as_deref()))
    }

    /// How many fields were supplied.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was supplied.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a JSON object of field names; explicitly empty fields are `null`.
    pub fn to_json(&self) -> Value {
        let entry = |(field, value): (Field, Option<&str>)| {
            (field.name().to_owned(), value.map_or(Value::Null, Value::from))
        };
        Value::Object(self.iter().map(entry).collect())
    }

    /// From the form of [`Values::to_json`].
    pub fn from_json(record: RecordKind, json: &Map<String, Value>) -> Result<Self, UnknownField> {
        let entry =
            |(name, value): (&String, &Value)| Ok((record.field(name)?, value.as_str().map(str::to_owned)));
        json.iter().map(entry).collect::<Result<_, _>>().map(Self)
    }
}

impl FromIterator<(Field, Option<String>)> for Values {
    fn from_iter<I: IntoIterator<Item = (Field, Option<String>)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// A record as read from a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// Identity outside.
    pub key: SourceKey,
    /// What it describes.
    pub kind: RecordKind,
    /// The source's system-modification stamp, by which it is read incrementally.
    pub stamp: DateTime<Utc>,
    /// When somebody last modified it, by the source's clock.
    pub modified_at: DateTime<Utc>,
    /// When it was created, by the source's clock.
    pub created_at: DateTime<Utc>,
    /// Whether the source has deleted it.
    pub is_deleted: bool,
    /// External id of the record it was merged into by the source.
    pub merged_into: Option<String>,
    /// The key of ours that the source keeps with it: by that we know what we made there. `None` where there is none, or where
    /// it was not asked for.
    pub our_key: Option<String>,
    /// What it says.
    pub values: Values,
}

/// What a lead became when the source converted it: external ids, as far as the source told them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion<'a> {
    /// The account.
    pub account: Option<&'a str>,
    /// The contact.
    pub contact: Option<&'a str>,
    /// The opportunity.
    pub opportunity: Option<&'a str>,
}

impl SourceRecord {
    /// What it became, if it is a lead that was converted.
    pub fn conversion(&self) -> Option<Conversion<'_>> {
        let is_converted = self.values.text(lead::stage) == Some(LeadStage::Converted.code());
        let conversion = Conversion {
            account: self.values.text(lead::converted_account),
            contact: self.values.text(lead::converted_contact),
            opportunity: self.values.text(lead::converted_opportunity),
        };
        let is_named = conversion != Conversion { account: None, contact: None, opportunity: None };
        (self.kind == RecordKind::Lead && (is_converted || is_named)).then_some(conversion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_present_are_three_things() {
        let mut values = Values::new();
        values.set(lead::company, "株式会社アシスト").unwrap();
        values.set(lead::title, "-").unwrap();
        assert_eq!(values.get(lead::company), ValueState::Present("株式会社アシスト"));
        assert_eq!(values.get(lead::title), ValueState::Null);
        assert_eq!(values.get(lead::email), ValueState::Absent);
    }

    #[test]
    fn values_survive_their_json() {
        let mut values = Values::new();
        values.set(lead::company, "極洋").unwrap();
        values.set_null(lead::title);
        let json = values.to_json();
        assert_eq!(json.to_string(), r#"{"company":"極洋","title":null}"#);
        assert_eq!(Values::from_json(RecordKind::Lead, json.as_object().unwrap()), Ok(values));
    }

    #[test]
    fn a_system_is_named_by_a_short_code() {
        assert!("CRM_2".parse::<SourceSystem>().is_ok());
        assert!("crm".parse::<SourceSystem>().is_err());
        assert!("".parse::<SourceSystem>().is_err());
    }
}
