//! Which column of a file holds which field of ours. Data, as TOML:
//!
//! ```toml
//! kind = "lead"
//! id = "管理番号"               # tells rows apart, the same in every file
//! modified = "更新日"           # when somebody last changed the row; the file's own time when left out
//!
//! [fields]
//! company = "会社名"
//! stage = { column = "状況", values = { "新規" = "NEW", "商談中" = "WORKING" } }
//! ```

use std::collections::BTreeMap;

use domain::fields::{RecordKind, UnknownField};
use serde::Deserialize;

use crate::connector::Writing;
use crate::mapping::{CrmPath, FieldMapping, MappingError, ObjectMapping, Presence};

/// Which column of a file holds which field of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// The column that tells rows apart.
    pub id: String,
    /// The column that tells when somebody last changed the row.
    pub modified: Option<String>,
    /// The fields.
    pub object: ObjectMapping,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    kind: String,
    id: String,
    modified: Option<String>,
    fields: BTreeMap<String, FieldText>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a column's name, or a table with column, values, required")]
enum FieldText {
    Column(String),
    Table(FieldTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    column: String,
    values: Option<BTreeMap<String, String>>,
    required: Option<bool>,
}

impl Headers {
    /// Reads a mapping of columns.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let text: Text = toml::from_str(text).map_err(|it| MappingError::Unreadable(it.to_string()))?;
        let kind = text.kind.to_uppercase().parse::<RecordKind>();
        let kind = kind.map_err(|_| MappingError::UnknownKind { key: text.kind.clone() })?;
        let fields = text.fields.into_iter().map(|(name, it)| field(kind, name, it));
        let fields = fields.collect::<Result<_, _>>()?;
        let object = ObjectMapping {
            kind,
            object: <&str>::from(kind).to_owned(),
            external_id: None,
            writing: Writing::UpdateOnly,
            fields,
        };
        Ok(Self { id: text.id, modified: text.modified, object })
    }

    /// Every field in a column of its own name, as `gateway match` reads them; rows are told apart by `id`.
    pub fn by_name(kind: RecordKind) -> Self {
        let column = |field: domain::fields::Field| FieldMapping {
            field,
            source: CrmPath::Own(field.name().to_owned()),
            values: None,
            overrides: Vec::new(),
            write: false,
            presence: Presence::Optional,
        };
        let fields = kind.fields().map(column).collect();
        let object = ObjectMapping {
            kind,
            object: <&str>::from(kind).to_owned(),
            external_id: None,
            writing: Writing::UpdateOnly,
            fields,
        };
        Self { id: "id".to_owned(), modified: Some("modified_at".to_owned()), object }
    }
}

fn field(kind: RecordKind, name: String, text: FieldText) -> Result<FieldMapping, MappingError> {
    let unknown = |source: UnknownField| MappingError::UnknownField { key: format!("fields.{name}"), source };
    let field = kind.field(&name).map_err(unknown)?;
    let table = match text {
        FieldText::Column(column) => FieldTable { column, values: None, required: None },
        FieldText::Table(table) => table,
    };
    let presence = match table.required {
        Some(true) => Presence::Required,
        Some(false) => Presence::Optional,
        None => Presence::Expected,
    };
    let source = CrmPath::Own(table.column);
    Ok(FieldMapping { field, source, values: table.values, overrides: Vec::new(), write: false, presence })
}

#[cfg(test)]
mod tests {
    use domain::fields::lead;

    use super::*;

    #[test]
    fn columns_are_named_as_people_name_them() {
        let headers = Headers::parse(
            "kind = \"lead\"\nid = \"管理番号\"\n[fields]\ncompany = \"会社名\"\n\
             stage = { column = \"状況\", values = { \"新規\" = \"NEW\" } }\n",
        )
        .unwrap();
        assert_eq!(headers.object.field(lead::company).unwrap().source, CrmPath::Own("会社名".to_owned()));
        assert_eq!(headers.object.field(lead::stage).unwrap().from_crm("新規"), Some("NEW"));
    }

    #[test]
    fn what_is_not_understood_is_refused_by_its_key() {
        let refused = |text: &str| Headers::parse(text).unwrap_err().to_string();
        assert!(refused("kind = \"dog\"\nid = \"i\"\n[fields]\n").contains("dog"));
        assert!(refused("kind = \"lead\"\nid = \"i\"\n[fields]\nnose = \"鼻\"\n").contains("fields.nose"));
        assert!(refused("kind = \"lead\"\n[fields]\n").contains("id"));
    }
}
