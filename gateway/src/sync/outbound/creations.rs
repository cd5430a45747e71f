//! Which systems make records that they lack, by their mappings.

use std::collections::{BTreeMap, BTreeSet};

use connectors::{Mapping, Writing};
use domain::fields::{Field, RecordKind};
use domain::sources::SourceSystem;

/// What the mappings of the sources say about making and changing records. Of a system that is not here, records are only
/// changed.
#[derive(Debug, Clone, Default)]
pub struct Creations {
    made: BTreeMap<(RecordKind, SourceSystem), Made>,
}

/// How records of a kind are made in a system.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// The system's name for the kind.
    pub(super) object: String,
    /// The fields that are written there.
    pub(super) fields: BTreeSet<Field>,
    writing: Writing,
}

impl Creations {
    /// Adds what the mapping of a system says.
    pub fn add(&mut self, system: &SourceSystem, mapping: &Mapping) {
        for object in mapping.objects().iter().filter(|it| it.writing.creates()) {
            let fields = object.fields.iter().filter(|it| it.write).map(|it| it.field).collect();
            let made = Made { object: object.object.clone(), fields, writing: object.writing };
            self.made.insert((object.kind, system.clone()), made);
        }
    }

    /// The systems that make records of a kind.
    pub(super) fn of(&self, kind: RecordKind) -> impl Iterator<Item = (&SourceSystem, &Made)> {
        self.made.iter().filter(move |((it, _), _)| *it == kind).map(|((_, system), made)| (system, made))
    }

    /// Whether nothing is ever made.
    pub(super) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// Whether records of a kind that the system has may be changed.
    pub(super) fn leaves_changeable(&self, system: &SourceSystem, kind: RecordKind) -> bool {
        self.made.get(&(kind, system.clone())).is_none_or(|it| it.writing.updates())
    }
}
