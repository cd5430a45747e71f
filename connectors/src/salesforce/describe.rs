//! The org's own words about an object.
//!
//! Here: reading a description, and asking it. A field that is hidden from our user is simply not described.
//! Not here: what is selected (`schema`), what changed between two (`drift`).

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::client::{Call, Client};
use crate::connector::{FieldDescription, ObjectDescription};
use crate::error::ConnectorError;
use crate::mapping::{CrmPath, ObjectMapping};

/// An object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Description {
    fields: Vec<DescribedField>,
}

/// A field of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DescribedField {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) updateable: bool,
    pub(super) createable: bool,
    pub(super) external_id: bool,
    /// A formula: its value changes without moving any stamp.
    calculated: bool,
    relationship_name: Option<String>,
    pub(super) reference_to: Vec<String>,
    picklist_values: Vec<PicklistValue>,
}

#[derive(Debug, Deserialize)]
struct PicklistValue {
    active: bool,
    value: String,
}

impl Description {
    pub(super) fn field(&self, name: &str) -> Option<&DescribedField> {
        self.fields.iter().find(|it| it.name == name)
    }

    pub(super) fn relationship(&self, name: &str) -> Option<&DescribedField> {
        self.fields.iter().find(|it| it.relationship_name.as_deref() == Some(name))
    }

    /// Whether the field is there, and is one for somebody else's key.
    pub(super) fn is_key(&self, name: &str) -> bool {
        self.field(name).is_some_and(|it| it.external_id)
    }

    pub(super) fn names(&self, wanted: impl Fn(&DescribedField) -> bool) -> HashSet<String> {
        self.fields.iter().filter(|it| wanted(it)).map(|it| it.name.clone()).collect()
    }

    pub(super) fn leads_to(&self, path: &CrmPath) -> bool {
        match path {
            CrmPath::Own(name) => self.field(name).is_some(),
            CrmPath::Related(relationship, _) => self.relationship(relationship).is_some(),
        }
    }

    /// Whether what a path leads to may change without moving this record's stamp.
    pub(super) fn is_computed(&self, path: &CrmPath) -> bool {
        match path {
            CrmPath::Own(name) => self.field(name).is_some_and(|it| it.calculated),
            CrmPath::Related(relationship, _) => self.relationship(relationship).is_some(),
        }
    }

    /// The form that is kept between runs.
    pub(super) fn to_keep(&self) -> ObjectDescription {
        let entry = |it: &DescribedField| (it.name.clone(), it.to_keep());
        ObjectDescription { fields: self.fields.iter().map(entry).collect::<BTreeMap<_, _>>() }
    }

    #[cfg(test)]
    pub(super) fn showing(names: &[&str]) -> Self {
        let field = |name: &&str| DescribedField {
            name: (*name).to_owned(),
            updateable: true,
            createable: true,
            relationship_name: (*name == "OwnerId").then(|| "Owner".to_owned()),
            ..DescribedField::default()
        };
        Self { fields: names.iter().map(field).collect() }
    }
}

impl DescribedField {
    fn to_keep(&self) -> FieldDescription {
        let active = self.picklist_values.iter().filter(|it| it.active);
        FieldDescription {
            kind: self.kind.clone(),
            is_writable: self.updateable,
            values: active.map(|it| it.value.clone()).collect(),
        }
    }
}

/// A mapped object; one that is not there is told by its key.
pub(super) async fn described(
    client: &Client,
    mapping: &ObjectMapping,
) -> Result<Description, ConnectorError> {
    let description = describe(client, &mapping.object).await;
    description.map_err(|error| match error {
        ConnectorError::NotFound { .. } => {
            ConnectorError::UnknownCrmObject { key: mapping.key(), object: mapping.object.clone() }
        }
        other => other,
    })
}

/// Any object.
pub(super) async fn describe(client: &Client, object: &str) -> Result<Description, ConnectorError> {
    let call = Call::get(client.path(&format!("/sobjects/{object}/describe")), object);
    client.call(&call, |answer| answer.json()).await
}

/// Objects in one batch.
const MOST_TOGETHER: usize = 25;

#[derive(Deserialize)]
struct BatchAnswer {
    results: Vec<BatchResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchResult {
    status_code: u16,
    result: Box<RawValue>,
}

/// All mapped objects with one request; what it does not answer is asked for by itself. `None` is an object that we are
/// not shown: it keeps nobody from the others.
pub(super) async fn described_together(
    client: &Client,
    mappings: &[ObjectMapping],
) -> Result<Vec<Option<Description>>, ConnectorError> {
    let mut descriptions = Vec::new();
    for mappings in mappings.chunks(MOST_TOGETHER) {
        let together = together(client, mappings).await?;
        for (mapping, answered) in mappings.iter().zip(together) {
            let described = match answered {
                Some(description) => Ok(description),
                None => described(client, mapping).await,
            };
            match described {
                Err(error) if error.concerns_everything() => return Err(error),
                Err(error) => {
                    tracing::warn!(object = mapping.object, %error, "an object is not described to us");
                    descriptions.push(None);
                }
                Ok(description) => descriptions.push(Some(description)),
            }
        }
    }
    Ok(descriptions)
}

async fn together(
    client: &Client,
    mappings: &[ObjectMapping],
) -> Result<Vec<Option<Description>>, ConnectorError> {
    let url = |it: &ObjectMapping| client.path(&format!("/sobjects/{}/describe", it.object));
    let part =
        |it: &ObjectMapping| json!({"method": "GET", "url": url(it).trim_start_matches("/services/data/")});
    let question = json!({"batchRequests": mappings.iter().map(part).collect::<Vec<_>>()});
    let call = Call::question(client.path("/composite/batch"), "the descriptions", &question);
    let count = mappings.len();
    let answered = client.call(&call, move |answer| {
        let batch: BatchAnswer = answer.json()?;
        if batch.results.len() != count {
            return Err(answer.garbled("another number of descriptions than was asked for"));
        }
        let read = |it: BatchResult| {
            (it.status_code == 200).then(|| serde_json::from_str(it.result.get()).ok()).flatten()
        };
        Ok(batch.results.into_iter().map(read).collect())
    });
    match answered.await {
        // Orgs and stand-ins without batches describe one object at a time.
        Err(ConnectorError::NotFound { .. } | ConnectorError::Rejected { .. }) => {
            Ok(mappings.iter().map(|_| None).collect())
        }
        other => other,
    }
}
