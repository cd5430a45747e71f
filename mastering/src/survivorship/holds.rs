//! What a person has fixed: pins and locks come before every source.
//!
//! A hold fixes its field's whole unit. A lock keeps what was served; a pin does the same, except that its own field has
//! the value that the person gave: half of another address, or an amount in a currency that came later, is what nobody
//! meant. Only holds that are active are told of here; when one begins and ends is not decided in this crate.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use domain::fields::{Field, RecordKind, UnknownField};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::SourceKey;
use serde::{Deserialize, Serialize};

use super::field_states::Origin;
use crate::golden_record::{GoldenRecord, Held, Loser, Settlement, Winner};
use crate::policy::Unit;

/// The active holds of one golden record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds(Vec<Hold>);

/// One pin or lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// By which it is found again.
    pub id: HoldId,
    /// Pin or lock.
    pub kind: HoldKind,
    /// The field that the person named.
    pub field: Field,
    /// When.
    pub at: DateTime<Utc>,
    /// What is served while it holds, for every field of the unit.
    pub kept: Kept,
}

/// Values that a hold keeps, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(BTreeMap<Field, KeptValue>);

/// One value that a hold keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptValue {
    /// The value; `None` is empty.
    pub value: Option<String>,
    /// The source record it came from; `None` when a person gave it, or nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<SourceKey>>,
    /// When and where it came to be.
    #[serde(flatten)]
    pub origin: Origin,
}

/// A stored text that is no [`Kept`].
#[derive(Debug, thiserror::Error)]
pub enum UnreadableKept {
    /// Not the stored form.
    #[error("the kept values of a pin or lock cannot be read; take it off and fix the field again")]
    Form(#[from] serde_json::Error),
    /// A field that is no longer in the catalogue, or never was.
    #[error("a pin or lock keeps an unknown field; take it off and fix the field again")]
    Field(#[from] UnknownField),
}

impl Kept {
    /// What is served of a unit now.
    pub fn of(golden: &GoldenRecord, unit: &Unit) -> Self {
        let kept = |it: &Settlement| KeptValue {
            value: it.value.clone(),
            source: it.source().cloned(),
            origin: it.origin,
        };
        Self(unit.fields.iter().filter_map(|&it| Some((it, kept(golden.settlement(it)?)))).collect())
    }

    /// With a value that a person gives; `sequence` is its number in the order of observations.
    #[must_use]
    pub fn with(mut self, field: Field, value: Option<String>, at: DateTime<Utc>, sequence: i64) -> Self {
        let origin = Origin {
            changed_at: at.trunc_subsecs(0),
            observed_at: at.trunc_subsecs(6),
            sequence,
            record_precision: false,
            clock_skew: false,
        };
        self.0.insert(field, KeptValue { value, source: None, origin });
        self
    }

    /// What is kept of a field.
    pub fn get(&self, field: Field) -> Option<&KeptValue> {
        self.0.get(&field)
    }

    /// Without those values of persons that a condition chooses; the fields are settled as if they were not held.
    #[must_use]
    pub fn without_personal(mut self, is_chosen: impl Fn(&KeptValue) -> bool) -> Self {
        self.0.retain(|field, it| !(field.is_personal() && is_chosen(it)));
        self
    }

    /// What is kept, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &KeptValue)> {
        self.0.iter().map(|(&field, it)| (field, it))
    }

    /// The stored form: one line of JSON.
    pub fn to_json(&self) -> String {
        let named: BTreeMap<&str, &KeptValue> = self.0.iter().map(|(field, it)| (field.name(), it)).collect();
        serde_json::to_string(&named).expect("texts, numbers and times always serialise")
    }

    /// Reads [`Kept::to_json`].
    pub fn from_json(kind: RecordKind, text: &str) -> Result<Self, UnreadableKept> {
        let named: BTreeMap<String, KeptValue> = serde_json::from_str(text)?;
        let field = |(name, it): (String, KeptValue)| Ok((kind.field(&name)?, it));
        named.into_iter().map(field).collect::<Result<_, _>>().map(Self)
    }
}

impl Holds {
    /// These holds, in whatever order they were found.
    pub fn new(mut holds: Vec<Hold>) -> Self {
        holds.sort_by_key(|it| (it.kind, Reverse(it.at), it.id));
        Self(holds)
    }

    /// Whether nothing is fixed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Pins before locks, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Hold> {
        self.0.iter()
    }

    /// The hold that decides a field of a unit: a pin before a lock, one on the field itself before one on another field
    /// of the unit, a new one before an old one.
    fn over(&self, unit: &Unit, field: Field) -> Option<(&Hold, &KeptValue)> {
        let in_unit = self.0.iter().filter(|it| unit.fields.contains(&it.field));
        let keeping = in_unit.filter_map(|it| Some((it, it.kept.get(field)?)));
        keeping.min_by_key(|(it, _)| (it.kind, it.field != field, Reverse(it.at), it.id))
    }

    /// Puts what is fixed of a unit before what its sources settled.
    pub(super) fn lay_over(&self, unit: &Unit, settlements: &mut BTreeMap<Field, Settlement>) {
        for &field in &unit.fields {
            if let Some((hold, kept)) = self.over(unit, field) {
                let settled = settlements.remove(&field);
                settlements.insert(field, held(hold, kept, settled));
            }
        }
    }
}

/// The kept value wins, and what the sources settled loses to it.
fn held(hold: &Hold, kept: &KeptValue, settled: Option<Settlement>) -> Settlement {
    let step = hold.kind.into();
    let instead = settled.as_ref().map(|it| it.step);
    let mut losers = Vec::new();
    if let Some(settled) = settled {
        losers = settled.losers;
        if let Winner::Source(source) = settled.winner {
            losers.push(Loser { source, value: settled.value, step, changed_at: settled.origin.changed_at });
            losers.sort_by(|a, b| a.source.cmp(&b.source));
        }
    }
    Settlement {
        value: kept.value.clone(),
        winner: Winner::Held(Held { hold: hold.id, source: kept.source.clone(), instead }),
        step,
        origin: kept.origin,
        losers,
    }
}
