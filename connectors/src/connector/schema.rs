//! What a CRM says of its objects, and what it means when that changes.
//!
//! Here: descriptions that can be kept between runs, and changes between two of them. Not here: reading one (a CRM's
//! folder), the mapping.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The mapped objects as the CRM describes them to our user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaDescription {
    /// By the CRM's names.
    pub objects: BTreeMap<String, ObjectDescription>,
}

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDescription {
    /// The fields our user may see, by the CRM's names.
    pub fields: BTreeMap<String, FieldDescription>,
}

/// One field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDescription {
    /// The CRM's name of its type.
    pub kind: String,
    /// Whether our user may change it.
    pub is_writable: bool,
    /// The values of a closed list; empty for other fields.
    pub values: BTreeSet<String>,
}

/// A description, and how it differs from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReading {
    /// To be kept for the next run.
    pub description: SchemaDescription,
    /// By object and field.
    pub changes: Vec<SchemaChange>,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaChange {
    /// Object in the CRM.
    pub object: String,
    /// Field in the CRM.
    pub field: String,
    /// Keys of the mapping that name the field, such as `lead.title`; none when nobody reads it.
    pub mapped_as: Vec<String>,
    /// What changed.
    pub drift: SchemaDrift,
    /// What it means for the mapping.
    pub effect: SchemaEffect,
}

/// What may change about a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SchemaDrift {
    /// It is new, or was shown to our user.
    Appeared,
    /// It was removed, or hidden from our user: the CRM does not tell which.
    Vanished,
    /// It has another type.
    Retyped {
        /// The type before.
        from: String,
        /// The type now.
        to: String,
    },
    /// Our user may write it, or no longer.
    Writable(bool),
    /// Its closed list has values it did not have.
    ValuesAdded(Vec<String>),
    /// Its closed list lost values.
    ValuesRemoved(Vec<String>),
}

/// What a change means for the mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SchemaEffect {
    /// Nothing.
    Harmless,
    /// The field may be mapped now, or says something again.
    MayBeRead,
    /// It says nothing from now on: absent, never empty. Known values stay as they are.
    BecomesAbsent,
    /// Nothing of the object can be read any more, because the mapping requires the field.
    StopsReading,
    /// Its values may no longer fit our field; those that do not fail their record.
    ValuesMayNotFit,
    /// Values arrive that the mapping does not translate: they are left out and logged.
    ValuesUnmapped,
    /// Values that the mapping writes are refused.
    WritesRefused,
}
