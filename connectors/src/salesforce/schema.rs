//! What the org has and shows us.
//!
//! Here: its descriptions of objects, and which mapped fields can be selected and written.
//! A field that is hidden from our user is simply not described, and selecting it fails the whole query.
//! Not here: the mapping itself (`crate::mapping`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::fields::{Field, RecordKind};
use tokio::sync::RwLock;

use super::client::Client;
use super::describe::{Description, describe, described, described_together};
use super::types::misfit;
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
    /// What has to be selected for each field that is there.
    by_field: Vec<(Field, Vec<String>)>,
    /// Fields whose changes move no stamp.
    computed: Vec<Field>,
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

    /// Describes all objects anew; answers what they are like, in the order of the mapping, and `None` for those that we
    /// are not shown. Who asks for one of these later is told why.
    pub(super) async fn learn(
        &self,
        client: &Client,
        mappings: &[ObjectMapping],
    ) -> Result<Vec<Option<Description>>, ConnectorError> {
        let descriptions = described_together(client, mappings).await?;
        let selection = |(mapping, description): (&ObjectMapping, &Option<Description>)| {
            let selection = Selection::new(mapping, description.as_ref()?).ok()?;
            Some((mapping.kind, Arc::new(selection)))
        };
        *self.selections.write().await = mappings.iter().zip(&descriptions).filter_map(selection).collect();
        Ok(descriptions)
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
        let mut by_field = Vec::new();
        for field in &mapping.fields {
            let is_there = description.leads_to(&field.source);
            if !is_there && field.presence == Presence::Required {
                return Err(unknown(mapping, field.key(), &field.source.to_string()));
            }
            let deciding = field.overrides.iter().map(|it| &it.field);
            let mut needed: Vec<String> =
                deciding.filter(|it| description.field(it).is_some()).cloned().collect();
            needed.extend(is_there.then(|| field.source.to_string()));
            columns.extend(needed.iter().cloned());
            if is_there {
                by_field.push((field.field, needed));
            }
        }
        columns.extend(mapping.key_of_made().filter(|it| description.is_key(it)).map(str::to_owned));
        let is_computed = |it: &&FieldMapping| description.is_computed(&it.source);
        let computed = mapping.fields.iter().filter(is_computed).map(|it| it.field).collect();
        // A field selected twice fails the query.
        let mut seen = HashSet::new();
        columns.retain(|it| seen.insert(it.clone()));
        Ok(Self {
            columns: columns.join(","),
            updateable: description.names(|it| it.updateable),
            createable: description.names(|it| it.createable),
            keys: description.names(|it| it.external_id),
            by_field,
            computed,
        })
    }

    /// The fields whose changes move no stamp.
    pub(super) fn computed(&self) -> &[Field] {
        &self.computed
    }

    /// The columns that some fields need, those of every record included.
    pub(super) fn columns_of(&self, fields: &[Field]) -> String {
        let wanted = self.by_field.iter().filter(|(field, _)| fields.contains(field));
        let mut columns: Vec<&str> = SYSTEM_FIELDS.to_vec();
        for column in wanted.flat_map(|(_, needed)| needed) {
            if !columns.contains(&column.as_str()) {
                columns.push(column);
            }
        }
        columns.join(",")
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

/// Proves that the org has every field the mapping names, except those that may be missing, and each of a type that ours
/// can be read from.
pub(super) async fn check(client: &Client, mapping: &ObjectMapping) -> Result<(), ConnectorError> {
    let description = described(client, mapping).await?;
    Selection::new(mapping, &description)?;
    if let Some(key) = mapping.key_of_made().filter(|it| !description.is_key(it)) {
        return Err(unknown(mapping, mapping.external_id_key(), key));
    }
    for field in &mapping.fields {
        let is_optional = field.presence == Presence::Optional;
        if let Some(missing) = field.overrides.iter().find(|it| description.field(&it.field).is_none())
            && !is_optional
        {
            return Err(unknown(mapping, field.key(), &missing.field));
        }
        match type_of(client, &description, &field.source).await? {
            Some(found) => check_type(mapping, field, found)?,
            None if is_optional => {}
            None => return Err(unknown(mapping, field.key(), &field.source.to_string())),
        }
    }
    Ok(())
}

/// The type of the field that a path leads to; `None` when there is none.
async fn type_of(
    client: &Client,
    description: &Description,
    path: &CrmPath,
) -> Result<Option<String>, ConnectorError> {
    let (relationship, name) = match path {
        CrmPath::Own(name) => return Ok(description.field(name).map(|it| it.kind.clone())),
        CrmPath::Related(relationship, name) => (relationship, name),
    };
    let Some(reference) = description.relationship(relationship) else { return Ok(None) };
    for object in &reference.reference_to {
        match describe(client, object).await {
            Ok(related) => {
                if let Some(field) = related.field(name) {
                    return Ok(Some(field.kind.clone()));
                }
            }
            Err(ConnectorError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn check_type(mapping: &ObjectMapping, field: &FieldMapping, found: String) -> Result<(), ConnectorError> {
    let Some(expected) = misfit(field, &found) else { return Ok(()) };
    let (key, field) = (field.key(), format!("{}.{}", mapping.object, field.source));
    let problem = format!("which is of type {found}; it needs {expected}, or `values` that translate it");
    Err(ConnectorError::WrongCrmFieldType { key, field, problem })
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
        let names: Vec<&str> = names.iter().chain(&SYSTEM_FIELDS).copied().collect();
        Description::showing(&names)
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
