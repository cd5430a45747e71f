//! Field mappings: which field of a CRM holds which field of ours. Data, not code.
//!
//! Here: a mapping that has been checked against our catalogue of fields and codes; `file` reads its text.
//! Not here: whether the CRM has the fields (the connector asks it), how values are decoded (the CRM's folder).

mod codes;
mod file;
mod writing;

use std::collections::BTreeMap;

use domain::fields::{Field, RecordKind};

use crate::connector::Writing;

pub use file::MappingError;

/// The mapping of one CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    objects: Vec<ObjectMapping>,
}

/// How one kind of record is found in the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMapping {
    /// What it is with us.
    pub kind: RecordKind,
    /// The CRM's object, such as `Lead`.
    pub object: String,
    /// Their field that holds our key, for records that we make; `None` when there is none.
    pub external_id: Option<String>,
    /// Whether records are made there, changed, or both.
    pub writing: Writing,
    /// The mapped fields, in the order of our catalogue.
    pub fields: Vec<FieldMapping>,
}

/// How one field is found in the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMapping {
    /// Our field.
    pub field: Field,
    /// Where the CRM keeps it.
    pub source: CrmPath,
    /// Their value → our code; `None` takes values as they are.
    pub values: Option<BTreeMap<String, String>>,
    /// Other fields that decide first.
    pub overrides: Vec<Override>,
    /// Whether it may be written to the CRM.
    pub write: bool,
    /// What a missing or hidden field means.
    pub presence: Presence,
}

/// A field of the CRM's object, or of the record it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrmPath {
    /// `Company`.
    Own(String),
    /// `Owner.Name`: relationship and field.
    Related(String, String),
}

/// Another field that, when it reads as given, decides the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Field of the CRM's object.
    pub field: String,
    /// Its text, such as `true`.
    pub equals: String,
    /// Our value then.
    pub gives: String,
}

/// What it means when the CRM does not show us a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing can be read without it.
    Required,
    /// The check complains; reading goes on, and the field says nothing.
    Expected,
    /// Nobody minds.
    Optional,
}

impl Mapping {
    /// The mapping of a Salesforce as it comes out of the box, with our custom fields where there are any.
    pub fn salesforce() -> Self {
        Self::parse(include_str!("../../mappings/salesforce.toml")).expect("a test parses this very file")
    }

    /// The mapped kinds, each after the kinds it refers to.
    pub fn kinds(&self) -> Vec<RecordKind> {
        self.objects.iter().map(|it| it.kind).collect()
    }

    /// How a kind is mapped.
    pub fn of(&self, kind: RecordKind) -> Option<&ObjectMapping> {
        self.objects.iter().find(|it| it.kind == kind)
    }

    /// All kinds, each after the kinds it refers to.
    pub fn objects(&self) -> &[ObjectMapping] {
        &self.objects
    }
}

impl ObjectMapping {
    /// How a field is mapped.
    pub fn field(&self, field: Field) -> Option<&FieldMapping> {
        self.fields.iter().find(|it| it.field == field)
    }

    /// The field that holds our key in the records that we make; `None` where we make none.
    pub fn key_of_made(&self) -> Option<&str> {
        self.external_id.as_deref().filter(|_| self.writing.creates())
    }

    /// The key of the object in the mapping file.
    pub fn key(&self) -> String {
        format!("{}.object", section(self.kind))
    }

    /// The key of the field that holds our key.
    pub fn external_id_key(&self) -> String {
        format!("{}.external_id", section(self.kind))
    }
}

impl FieldMapping {
    /// The fields of the object itself that decide the value; a field of another record is none of them.
    pub fn own_fields(&self) -> impl Iterator<Item = &str> {
        let source = match &self.source {
            CrmPath::Own(field) => Some(field.as_str()),
            CrmPath::Related(..) => None,
        };
        source.into_iter().chain(self.overrides.iter().map(|it| it.field.as_str()))
    }

    /// The key of the field in the mapping file, such as `lead.title`.
    pub fn key(&self) -> String {
        key_of(self.field)
    }

    /// Our value for a value of theirs; `None` when nobody has mapped it.
    pub fn from_crm<'a>(&'a self, theirs: &'a str) -> Option<&'a str> {
        match &self.values {
            Some(values) => values.get(theirs).map(String::as_str),
            None => codes::is_allowed(self.field, theirs).then_some(theirs),
        }
    }

    /// Their value for a value of ours; `None` when nobody has mapped it.
    pub fn to_crm<'a>(&'a self, ours: &'a str) -> Option<&'a str> {
        match &self.values {
            Some(values) => values.iter().find(|(_, code)| *code == ours).map(|(theirs, _)| theirs.as_str()),
            None => Some(ours),
        }
    }
}

impl CrmPath {
    /// The field of the object itself that leads there: the field, or the relationship.
    pub fn first(&self) -> &str {
        match self {
            Self::Own(field) => field,
            Self::Related(relationship, _) => relationship,
        }
    }
}

impl std::fmt::Display for CrmPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own(field) => f.write_str(field),
            Self::Related(relationship, field) => write!(f, "{relationship}.{field}"),
        }
    }
}

/// The key of a field in mapping files, such as `lead.title`.
pub(crate) fn key_of(field: Field) -> String {
    format!("{}.{}", section(field.record()), field.name())
}

fn section(kind: RecordKind) -> String {
    kind.code().to_ascii_lowercase()
}
