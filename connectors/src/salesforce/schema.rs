//! What the org has and shows us.
//!
//! Here: its descriptions of objects, and which mapped fields can be selected and written.
//! A field that is hidden from our user is simply not described, and selecting it fails the whole query.
//! Not here: the mapping itself (`crate::mapping`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::fields::RecordKind;
use serde::Deserialize;
use tokio::sync::RwLock;

use super::client::{Call, Client};
use crate::error::ConnectorError;
use crate::mapping::{CrmPath, FieldMapping, ObjectMapping, Presence};

/// Read from every object, mapped or not.
const SYSTEM_FIELDS: [&str; 5] = ["Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"];
/// Read from objects that can be merged.
const MERGED_INTO: &str = "MasterRecordId";

/// The descriptions of one run.
#[derive(Debug, Default)]
pub(super) struct Schema {
    selections: RwLock<HashMap<RecordKind, Arc<Selection>>>,
}

/// What can be asked of one object.
#[derive(Debug)]
pub(super) struct Selection {
    /// For `SELECT`, separated by commas.
    pub(super) columns: String,
    /// Fields our user may write.
    updateable: HashSet<String>,
    /// Fields our user may set on a new record.
    createable: HashSet<String>,
    /// Fields that can hold somebody else's key.
    keys: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    fields: Vec<DescribedField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedField {
    name: String,
    #[serde(default)]
    updateable: bool,
    #[serde(default)]
    createable: bool,
    #[serde(default)]
    external_id: bool,
    relationship_name: Option<String>,
    #[serde(default)]
    reference_to: Vec<String>,
}

impl Schema {
    /// What can be asked of an object; described once a run.
    pub(super) async fn of(
        &self,
        client: &Client,
        mapping: &ObjectMapping,
    ) -> Result<Arc<Selection>, ConnectorError> {
        if let Some(known) = self.selections.read().await.get(&mapping.kind) {
            return Ok(known.clone());
        }
        let selection = Arc::new(Selection::new(mapping, &described(client, mapping).await?)?);
        self.selections.write().await.insert(mapping.kind, selection.clone());
        Ok(selection)
    }

    /// Forgets every description.
    pub(super) async fn forget(&self) {
        self.selections.write().await.clear();
    }
}

impl Selection {
    fn new(mapping: &ObjectMapping, description: &Description) -> Result<Self, ConnectorError> {
        let mut columns = Vec::new();
        for name in SYSTEM_FIELDS {
            if description.field(name).is_none() {
                return Err(unknown(mapping, mapping.key(), name));
            }
            columns.push(name.to_owned());
        }
        columns.extend(description.field(MERGED_INTO).map(|it| it.name.clone()));
        for field in &mapping.fields {
            let is_there = description.leads_to(&field.source);
            if !is_there && field.presence == Presence::Required {
                return Err(unknown(mapping, field.key(), &field.source.to_string()));
            }
            columns.extend(is_there.then(|| field.source.to_string()));
            let deciding = field.overrides.iter().map(|it| &it.field);
            columns.extend(deciding.filter(|it| description.field(it).is_some()).cloned());
        }
        // A field selected twice fails the query.
        let mut seen = HashSet::new();
        columns.retain(|it| seen.insert(it.clone()));
        Ok(Self {
            columns: columns.join(","),
            updateable: description.names(|it| it.updateable),
            createable: description.names(|it| it.createable),
            keys: description.names(|it| it.external_id),
        })
    }

    /// Whether our user may set the field on a new record.
    pub(super) fn may_create(&self, field: &FieldMapping) -> bool {
        self.createable.contains(field.source.first())
    }

    /// Whether the field is one for somebody else's key.
    pub(super) fn has_key(&self, field: &str) -> bool {
        self.keys.contains(field)
    }

    /// Whether our user may write the field.
    pub(super) fn may_update(&self, field: &FieldMapping) -> bool {
        self.updateable.contains(field.source.first())
    }
}

impl Description {
    fn names(&self, wanted: impl Fn(&DescribedField) -> bool) -> HashSet<String> {
        self.fields.iter().filter(|it| wanted(it)).map(|it| it.name.clone()).collect()
    }

    fn field(&self, name: &str) -> Option<&DescribedField> {
        self.fields.iter().find(|it| it.name == name)
    }

    fn relationship(&self, name: &str) -> Option<&DescribedField> {
        self.fields.iter().find(|it| it.relationship_name.as_deref() == Some(name))
    }

    fn leads_to(&self, path: &CrmPath) -> bool {
        match path {
            CrmPath::Own(name) => self.field(name).is_some(),
            CrmPath::Related(relationship, _) => self.relationship(relationship).is_some(),
        }
    }
}

/// Proves that the org has every field the mapping names, except those that may be missing.
pub(super) async fn check(client: &Client, mapping: &ObjectMapping) -> Result<(), ConnectorError> {
    let description = described(client, mapping).await?;
    Selection::new(mapping, &description)?;
    for field in mapping.fields.iter().filter(|it| it.presence != Presence::Optional) {
        if let Some(missing) = field.overrides.iter().find(|it| description.field(&it.field).is_none()) {
            return Err(unknown(mapping, field.key(), &missing.field));
        }
        if !is_there(client, &description, &field.source).await? {
            return Err(unknown(mapping, field.key(), &field.source.to_string()));
        }
    }
    Ok(())
}

async fn is_there(
    client: &Client,
    description: &Description,
    path: &CrmPath,
) -> Result<bool, ConnectorError> {
    let CrmPath::Related(relationship, name) = path else { return Ok(description.leads_to(path)) };
    let Some(reference) = description.relationship(relationship) else { return Ok(false) };
    for object in &reference.reference_to {
        match describe(client, object).await {
            Ok(related) if related.field(name).is_some() => return Ok(true),
            Ok(_) | Err(ConnectorError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

async fn described(client: &Client, mapping: &ObjectMapping) -> Result<Description, ConnectorError> {
    let description = describe(client, &mapping.object).await;
    description.map_err(|error| match error {
        ConnectorError::NotFound { .. } => {
            ConnectorError::UnknownCrmObject { key: mapping.key(), object: mapping.object.clone() }
        }
        other => other,
    })
}

async fn describe(client: &Client, object: &str) -> Result<Description, ConnectorError> {
    let call = Call::get(client.path(&format!("/sobjects/{object}/describe")), object);
    client.call(&call, |answer| answer.json()).await
}

fn unknown(mapping: &ObjectMapping, key: String, field: &str) -> ConnectorError {
    ConnectorError::UnknownCrmField { key, object: mapping.object.clone(), field: field.to_owned() }
}

#[cfg(test)]
mod tests {
    use domain::fields::opportunity;

    use super::*;
    use crate::mapping::Mapping;

    fn description(names: &[&str]) -> Description {
        let named = names.iter().chain(&SYSTEM_FIELDS).map(|&name| DescribedField {
            name: name.to_owned(),
            updateable: true,
            createable: true,
            external_id: false,
            relationship_name: (name == "OwnerId").then(|| "Owner".to_owned()),
            reference_to: Vec::new(),
        });
        Description { fields: named.collect() }
    }

    fn object(fields: &str) -> ObjectMapping {
        let text = format!("[opportunity]\nobject = \"Opportunity\"\nfields = {{ {fields} }}");
        Mapping::parse(&text).unwrap().of(RecordKind::Opportunity).unwrap().clone()
    }

    #[test]
    fn only_what_is_shown_is_selected_and_once() {
        let mapping = object(
            r#"name = "Name", amount = "Amount", owner = "Owner.Name", loss_reason = { field = "Name", write = false }"#,
        );
        let selection = Selection::new(&mapping, &description(&["Name", "OwnerId"])).unwrap();
        assert_eq!(selection.columns, format!("{},Name,Owner.Name", SYSTEM_FIELDS.join(",")));
    }

    #[test]
    fn a_required_field_that_is_hidden_stops_us_and_names_its_key() {
        let mapping = object(r#"amount = { field = "Amount", required = true }"#);
        let error = Selection::new(&mapping, &description(&["Name"])).unwrap_err();
        assert!(error.to_string().starts_with("mapping `opportunity.amount` names Opportunity.Amount"));
        assert!(mapping.field(opportunity::amount).is_some());
    }
}
