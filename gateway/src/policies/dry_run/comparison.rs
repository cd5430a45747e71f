//! Two dry runs side by side: did the second draft do better than the first?

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::RecordKind;
use entity::policies::dry_run::Model;

use crate::policies::effect::Findings;

/// Two dry runs and what they found, field by field.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The first.
    pub first: Model,
    /// The second.
    pub second: Model,
    /// Fields on which at least one found something.
    pub fields: Vec<FieldComparison>,
}

/// What two dry runs found on one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldComparison {
    /// The kind of record.
    pub kind: RecordKind,
    /// The field, as policies name it.
    pub field: String,
    /// Other values served: by the first, and by the second.
    pub values: [i64; 2],
    /// Same values for other reasons.
    pub reasons: [i64; 2],
    /// Values written back.
    pub write_backs: [i64; 2],
}

type Place = (RecordKind, String);

/// Puts what two dry runs found side by side.
pub fn compare(first: Model, first_found: &Findings, second: Model, second_found: &Findings) -> Compared {
    let sides = [counts(first_found), counts(second_found)];
    let places: BTreeSet<&Place> = sides.iter().flat_map(BTreeMap::keys).collect();
    let of = |place: &Place| sides.each_ref().map(|it| it.get(place).copied().unwrap_or_default());
    let field = |place: &Place| {
        let counts = of(place);
        FieldComparison {
            kind: place.0,
            field: place.1.clone(),
            values: counts.map(|it| it.0),
            reasons: counts.map(|it| it.1),
            write_backs: counts.map(|it| it.2),
        }
    };
    let fields = places.into_iter().map(field).collect();
    Compared { first, second, fields }
}

fn counts(findings: &Findings) -> BTreeMap<Place, (i64, i64, i64)> {
    let mut counts: BTreeMap<Place, (i64, i64, i64)> = BTreeMap::new();
    for it in &findings.fields {
        let count = counts.entry((it.kind, it.field.clone())).or_default();
        (count.0, count.1) = (it.values, it.reasons);
    }
    for it in &findings.write_backs {
        counts.entry((it.kind, it.field.clone())).or_default().2 += it.count;
    }
    counts
}
