//! Which value a golden record serves: from what its source records say now to one value per field.
//!
//! `observe` notes what a record says and since when; `resolve` settles every field: by what people have fixed
//! (`holds`), else among the records by the update precedence. Both are pure, and settling yields its own trace.
//! Not here: the rules themselves (`policy::precedence`), which records belong together (`matching`).

pub mod field_states;
pub mod observation;

pub mod steps;

pub mod holds;

mod competitor;
mod erased;
mod field_groups;
mod settle;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::RecordKind;
use domain::sources::SourceKey;

use crate::golden_record::GoldenRecord;
use crate::policy::PrecedencePolicy;
use field_states::FieldStates;
use holds::Holds;

pub use observation::{Observation, Sighting, observe};

/// What one source record contributes.
#[derive(Debug, Clone, Copy)]
pub struct SourceFacts<'a> {
    /// Identity of the record outside.
    pub key: &'a SourceKey,
    /// What it says now, and since when.
    pub states: &'a FieldStates,
    /// Whether it exists; the values of a deleted record do not compete.
    pub is_live: bool,
}

/// Settles every field of a golden record: by its active holds, else among its source records. The order of either does
/// not matter.
pub fn resolve(
    policy: &PrecedencePolicy,
    kind: RecordKind,
    sources: &[SourceFacts<'_>],
    holds: &Holds,
) -> GoldenRecord {
    let mut live: Vec<_> = sources.iter().filter(|it| it.is_live).collect();
    live.sort_by_key(|it| it.key);
    let keys: Vec<Arc<SourceKey>> = live.iter().map(|it| Arc::new(it.key.clone())).collect();
    let mut settlements = BTreeMap::new();
    for unit in policy.units(kind) {
        let competitors = competitor::gather(policy, unit, &live);
        if let Some(outcome) = settle::settle(&unit.rule, &competitors) {
            field_groups::hand_out(unit, &outcome, &keys, &mut settlements);
        }
        erased::show(unit, &live, &keys, &mut settlements);
        holds.lay_over(unit, &mut settlements);
    }
    GoldenRecord::new(kind, Arc::from(policy.version()), keys, settlements)
}

#[cfg(test)]
mod tests;
