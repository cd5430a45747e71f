//! Fields of a person that was erased: nothing of them is served but that there was something.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::Field;
use domain::sources::SourceKey;

use super::SourceFacts;
use super::steps::Step;
use crate::golden_record::{Settlement, Winner};
use crate::policy::Unit;

/// Settles the fields that nobody has a say on any more, because what was said was scrubbed: empty, since the last time that
/// one of them was said.
pub(super) fn show(
    unit: &Unit,
    sources: &[&SourceFacts<'_>],
    keys: &[Arc<SourceKey>],
    settlements: &mut BTreeMap<Field, Settlement>,
) {
    for &field in &unit.fields {
        let scrubbed = sources.iter().zip(keys).filter_map(|(source, key)| {
            let state = source.states.get(field).filter(|it| it.is_erased)?;
            Some((state.origin, key))
        });
        let latest = scrubbed.max_by_key(|(origin, _)| (origin.changed_at, origin.sequence));
        if let Some((origin, key)) = latest {
            settlements.entry(field).or_insert_with(|| Settlement {
                value: None,
                winner: Winner::Source(Arc::clone(key)),
                step: Step::Erased,
                origin,
                losers: Vec::new(),
            });
        }
    }
}
