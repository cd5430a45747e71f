//! The text of a mapping.
//!
//! Here: its form, and the checks that need no CRM: names, codes, ambiguity. Each error names the key.
//! Not here: what a mapping is used for.

use std::collections::BTreeMap;

use domain::codes::UnknownCode;
use domain::fields::{RecordKind, UnknownField};
use serde::Deserialize;

use super::{CrmPath, FieldMapping, Mapping, ObjectMapping, Override, Presence, codes, section, writing};

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// It is not TOML, or has a key or type that mappings do not have.
    #[error("the mapping cannot be read: {0}")]
    Unreadable(String),
    /// A section names no kind of record.
    #[error("`[{key}]` is no kind of record; use account, contact, lead or opportunity")]
    UnknownKind {
        /// The section.
        key: String,
    },
    /// A key names no field of ours.
    #[error("`{key}`: {source}")]
    UnknownField {
        /// The key.
        key: String,
        /// Which fields there are.
        source: UnknownField,
    },
    /// A value is not in the list of its field.
    #[error("`{key}`: {source}")]
    UnknownCode {
        /// The key.
        key: String,
        /// Which codes there are.
        source: UnknownCode,
    },
    /// How records are written is said in another word.
    #[error("`{key}` is `{given}`; use update-only, upsert or create-only")]
    UnknownWriting {
        /// The key.
        key: String,
        /// What stands there.
        given: String,
    },
    /// Records are to be made, and nothing would tell whether an unanswered create happened.
    #[error("`{key}` makes records, which needs a field for our key; name it in `{missing}`")]
    NoFieldForOurKey {
        /// The key.
        key: String,
        /// The key that is missing.
        missing: String,
    },
    /// Records of this kind are never made.
    #[error("`{key}` cannot make records: deals begin in the CRM; use update-only")]
    NeverMade {
        /// The key.
        key: String,
    },
    /// A name that cannot be one of the CRM's.
    #[error(
        "`{key}` names `{name}`, which cannot be a field of a CRM; write `Field` or `Relationship.Field`"
    )]
    BadName {
        /// The key.
        key: String,
        /// The name.
        name: String,
    },
    /// A field of a related record cannot be written.
    #[error("`{key}` cannot have `write = true`: it is a field of another record")]
    NotWritable {
        /// The key.
        key: String,
    },
    /// It would not be clear what to write.
    #[error("`{key}` is ambiguous when written: {problem}; set `write = false` or make it unique")]
    Ambiguous {
        /// The key.
        key: String,
        /// Which two things collide.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectText {
    object: String,
    external_id: Option<String>,
    writing: Option<String>,
    fields: BTreeMap<String, FieldText>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a field name, or a table with field, values, overrides, write, required"
)]
enum FieldText {
    Name(String),
    Table(FieldTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    field: String,
    values: Option<BTreeMap<String, String>>,
    #[serde(default)]
    overrides: Vec<OverrideText>,
    write: Option<bool>,
    required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideText {
    field: String,
    equals: String,
    gives: String,
}

impl Mapping {
    /// Reads a mapping and checks all of it that can be checked without the CRM.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let sections: BTreeMap<String, ObjectText> =
            toml::from_str(text).map_err(|it| MappingError::Unreadable(it.to_string()))?;
        let mut objects =
            sections.into_iter().map(|(key, text)| object(&key, text)).collect::<Result<Vec<_>, _>>()?;
        // The catalogue lists a kind after the kinds it refers to.
        objects.sort_by_key(|it| it.kind);
        Ok(Self { objects })
    }
}

fn object(key: &str, text: ObjectText) -> Result<ObjectMapping, MappingError> {
    let kind = RecordKind::ALL.iter().copied().find(|&it| section(it) == key);
    let kind = kind.ok_or_else(|| MappingError::UnknownKind { key: key.to_owned() })?;
    let object = name(&format!("{key}.object"), &text.object)?;
    let external_id = text.external_id.map(|it| name(&format!("{key}.external_id"), &it)).transpose()?;
    let writing = writing::read(kind, text.writing, external_id.is_some())?;
    let mut fields = text
        .fields
        .into_iter()
        .map(|(name, text)| field(kind, &name, text))
        .collect::<Result<Vec<_>, _>>()?;
    fields.sort_by_key(|it| it.field);
    check_targets(&fields)?;
    Ok(ObjectMapping { kind, object, external_id, writing, fields })
}

fn field(kind: RecordKind, given: &str, text: FieldText) -> Result<FieldMapping, MappingError> {
    let key = format!("{}.{given}", section(kind));
    let field =
        kind.field(given).map_err(|source| MappingError::UnknownField { key: key.clone(), source })?;
    let table = match text {
        FieldText::Table(table) => table,
        FieldText::Name(field) => {
            FieldTable { field, values: None, overrides: Vec::new(), write: None, required: None }
        }
    };
    let source = path(&key, &table.field)?;
    let overrides = table.overrides.into_iter().map(|it| decided_by(&key, it)).collect::<Result<_, _>>()?;
    let presence = match table.required {
        Some(true) => Presence::Required,
        Some(false) => Presence::Optional,
        None => Presence::Expected,
    };
    let write = writable(&key, &source, table.write)?;
    let mapping = FieldMapping { field, source, values: table.values, overrides, write, presence };
    check_codes(&key, &mapping)?;
    Ok(mapping)
}

fn path(key: &str, text: &str) -> Result<CrmPath, MappingError> {
    match text.split_once('.') {
        None => Ok(CrmPath::Own(name(key, text)?)),
        Some((relationship, field)) => Ok(CrmPath::Related(name(key, relationship)?, name(key, field)?)),
    }
}

/// A name is an identifier: it goes into queries as it stands.
fn name(key: &str, text: &str) -> Result<String, MappingError> {
    let is_name = text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    match is_name {
        true => Ok(text.to_owned()),
        false => Err(MappingError::BadName { key: key.to_owned(), name: text.to_owned() }),
    }
}

fn decided_by(key: &str, text: OverrideText) -> Result<Override, MappingError> {
    Ok(Override { field: name(key, &text.field)?, equals: text.equals, gives: text.gives })
}

fn writable(key: &str, source: &CrmPath, asked: Option<bool>) -> Result<bool, MappingError> {
    match (source, asked) {
        (CrmPath::Related(..), Some(true)) => Err(MappingError::NotWritable { key: key.to_owned() }),
        (CrmPath::Related(..), _) => Ok(false),
        (CrmPath::Own(_), asked) => Ok(asked.unwrap_or(true)),
    }
}

fn check_codes(key: &str, mapping: &FieldMapping) -> Result<(), MappingError> {
    let translated = mapping.values.iter().flat_map(BTreeMap::values);
    for code in translated.chain(mapping.overrides.iter().map(|it| &it.gives)) {
        codes::check(mapping.field, code)
            .map_err(|source| MappingError::UnknownCode { key: key.to_owned(), source })?;
    }
    let Some(values) = mapping.values.as_ref().filter(|_| mapping.write) else { return Ok(()) };
    let mut seen = BTreeMap::new();
    for (theirs, ours) in values {
        if let Some(other) = seen.insert(ours, theirs) {
            let problem = format!("`{other}` and `{theirs}` both mean {ours}");
            return Err(MappingError::Ambiguous { key: key.to_owned(), problem });
        }
    }
    Ok(())
}

/// Two of our fields may be read from one of theirs, but not both be written to it.
fn check_targets(fields: &[FieldMapping]) -> Result<(), MappingError> {
    let mut seen = BTreeMap::new();
    for mapping in fields.iter().filter(|it| it.write) {
        if let Some(other) = seen.insert(mapping.source.first(), mapping.field) {
            let problem = format!("`{other}` is written to {} too", mapping.source);
            return Err(MappingError::Ambiguous { key: mapping.key(), problem });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::fields::{lead, opportunity};

    use super::*;

    fn refuse(text: &str, expected: &str) {
        let error = Mapping::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn the_default_mapping_is_sound_and_ordered_by_reference() {
        let mapping = Mapping::salesforce();
        assert_eq!(mapping.kinds(), RecordKind::ALL);
        let stage = mapping.of(RecordKind::Lead).unwrap().field(lead::stage).unwrap();
        assert_eq!(stage.from_crm("Working - Contacted"), Some("WORKING"));
        assert_eq!(stage.from_crm("Something new"), None);
        let owner = mapping.of(RecordKind::Opportunity).unwrap().field(opportunity::owner).unwrap();
        assert_eq!((owner.source.to_string().as_str(), owner.write), ("Owner.Name", false));
    }

    #[test]
    fn an_error_names_its_key() {
        refuse("[deal]\nobject = \"Deal\"\nfields = {}", "`[deal]` is no kind of record");
        refuse(
            "[lead]\nobject = \"Lead\"\nfields = { titel = \"Title\" }",
            "`lead.titel`: `titel` is no field",
        );
        refuse(
            "[lead]\nobject = \"Lead\"\nfields = { title = \"Title, Id\" }",
            "`lead.title` names `Title, Id`",
        );
        refuse("[lead]\nobject = \"Lead\"\nfields = { title = \"A\", title = \"B\" }", "duplicate key");
        refuse("[lead]\nobject = \"Lead\"\nfields = { title = { field = \"T\", wirte = true } }", "title");
        refuse("[lead]\nobjekt = \"Lead\"\nfields = {}", "objekt");
    }

    #[test]
    fn a_translation_leads_to_codes_we_have() {
        let text = "[lead]\nobject = \"Lead\"\n[lead.fields.stage]\nfield = \"Status\"\nvalues = { Open = \"OPEN\" }";
        refuse(text, "`lead.stage`: `OPEN` is not a LeadStage; use one of NEW, OFFERED");
    }

    #[test]
    fn what_is_written_is_unambiguous() {
        let two = "[lead]\nobject = \"Lead\"\n[lead.fields.stage]\nfield = \"Status\"\nvalues = { A = \"NEW\", B = \"NEW\" }";
        refuse(two, "`A` and `B` both mean NEW");
        refuse(
            "[lead]\nobject = \"Lead\"\nfields = { phone = \"Phone\", mobile_phone = \"Phone\" }",
            "`phone` is written to Phone too",
        );
        refuse(
            "[lead]\nobject = \"Lead\"\nfields = { title = { field = \"Owner.Title\", write = true } }",
            "`lead.title` cannot have `write = true`",
        );
    }
}
