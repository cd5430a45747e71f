//! From a change to what goes out.
//!
//! Here: the checks that need no CRM, and the JSON of one record. Not here: sending it (`batch`, `single`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::fields::{FieldKind, RecordKind};
use domain::sources::Values;
use serde_json::value::RawValue;

use super::super::Salesforce;
use super::super::error::Intent;
use super::super::record_id::RecordId;
use super::super::schema::Selection;
use super::refusal;
use crate::connector::{RecordWrite, WriteRefusal, WriteTarget};
use crate::error::ConnectorError;
use crate::mapping::{FieldMapping, ObjectMapping, key_of};

/// What is done with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Update,
    /// By this external id field.
    Upsert(String),
}

impl Verb {
    /// Creating twice makes two; everything else may be repeated.
    pub(super) fn intent(&self) -> Intent {
        match self {
            Verb::Create => Intent::Create,
            Verb::Update | Verb::Upsert(_) => Intent::Write,
        }
    }
}

/// A write that is ready to go out.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Where it stands in the batch.
    pub(super) place: usize,
    pub(super) kind: RecordKind,
    pub(super) verb: Verb,
    /// The record that is changed.
    pub(super) external_id: Option<String>,
    /// Our key of it.
    key: Option<String>,
    /// The record it hangs on.
    pub(super) parent: Option<String>,
    pub(super) unmodified_since: Option<DateTime<Utc>>,
    /// The record as JSON.
    pub(super) body: String,
}

impl Prepared {
    /// What tells it from the other records of its request; a create without a key is always another one.
    pub(super) fn identity(&self) -> Option<&str> {
        self.external_id.as_deref().or(self.key.as_deref())
    }
}

impl Salesforce {
    pub(super) async fn prepare(&self, place: usize, write: &RecordWrite) -> Result<Prepared, WriteRefusal> {
        self.ready(place, write).await.map_err(|error| refusal::of_failure(&error, Intent::Read))
    }

    async fn ready(&self, place: usize, write: &RecordWrite) -> Result<Prepared, ConnectorError> {
        let mapping = self.mapped(write.kind)?;
        let selection = self.schema.of(&self.client, mapping).await?;
        let mut members = BTreeMap::new();
        members.insert("attributes", raw(&serde_json::json!({"type": mapping.object})));
        let mut prepared = Prepared {
            place,
            kind: write.kind,
            verb: Verb::Update,
            external_id: None,
            key: None,
            parent: write.parent.clone().or_else(|| referred(&write.values)),
            unmodified_since: None,
            body: String::new(),
        };
        match &write.target {
            WriteTarget::Update { external_id, unmodified_since } => {
                let id = record_id(mapping, external_id)?;
                members.insert("id", raw(&id.as_str().into()));
                prepared.external_id = Some(id);
                prepared.unmodified_since = *unmodified_since;
            }
            WriteTarget::Upsert { key } => {
                let field = key_field(mapping, &selection)?;
                members.insert(field, raw(&key.as_str().into()));
                prepared.verb = Verb::Upsert(field.to_owned());
                prepared.key = Some(key.clone());
            }
            WriteTarget::Create { key } => {
                prepared.verb = Verb::Create;
                prepared.key.clone_from(key);
                if let Some(key) = key {
                    members.insert(key_field(mapping, &selection)?, raw(&key.as_str().into()));
                }
            }
        }
        let is_new = prepared.verb == Verb::Create;
        let may =
            |it: &FieldMapping| if is_new { selection.may_create(it) } else { selection.may_update(it) };
        add_values(&mut members, mapping, &write.values, may)?;
        prepared.body = serde_json::to_string(&members).expect("names and plain values are JSON");
        Ok(prepared)
    }
}

/// The id of a record to be changed, in 18 characters.
pub(super) fn record_id(mapping: &ObjectMapping, text: &str) -> Result<String, ConnectorError> {
    let subject = || format!("{} {text}", mapping.object);
    let id = text.parse::<RecordId>().map(String::from);
    id.map_err(|_| ConnectorError::NotFound { subject: subject() })
}

/// The field of the CRM that holds our key.
fn key_field<'a>(mapping: &'a ObjectMapping, selection: &Selection) -> Result<&'a str, ConnectorError> {
    let field = mapping.external_id.as_deref().filter(|it| selection.has_key(it));
    field.ok_or_else(|| ConnectorError::ReadOnlyField { key: mapping.external_id_key() })
}

/// The first record that the values refer to.
fn referred(values: &Values) -> Option<String> {
    let mut references = values.iter().filter(|(field, _)| matches!(field.kind(), FieldKind::Reference(_)));
    references.find_map(|(_, value)| value.map(str::to_owned))
}

/// The values as JSON, in their field names; refuses those that may not be written.
pub(super) fn add_values<'a>(
    members: &mut BTreeMap<&'a str, Box<RawValue>>,
    mapping: &'a ObjectMapping,
    values: &Values,
    may: impl Fn(&FieldMapping) -> bool,
) -> Result<(), ConnectorError> {
    for (field, value) in values.iter() {
        let read_only = || ConnectorError::ReadOnlyField { key: key_of(field) };
        let target = mapping.field(field).filter(|it| it.write && may(it)).ok_or_else(read_only)?;
        let theirs = value.map(|it| target.to_crm(it).ok_or_else(read_only)).transpose()?;
        members.insert(target.source.first(), json(field.kind(), theirs));
    }
    Ok(())
}

/// Numbers go out with the digits they have: a float would change them.
fn json(kind: FieldKind, value: Option<&str>) -> Box<RawValue> {
    let text = match (kind, value) {
        (_, None) => "null".to_owned(),
        (FieldKind::Number | FieldKind::Boolean, Some(plain)) => plain.to_owned(),
        (_, Some(text)) => serde_json::Value::from(text).to_string(),
    };
    RawValue::from_string(text).unwrap_or_else(|_| raw(&value.unwrap_or_default().into()))
}

fn raw(value: &serde_json::Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("a JSON value is JSON")
}
