//! Fields that come from one source together: what was settled for the unit, handed out to its fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::Field;
use domain::sources::SourceKey;

use super::competitor::Competitor;
use super::field_states::FieldState;
use super::settle::Outcome;
use crate::golden_record::{Loser, Settlement, Winner};
use crate::policy::Unit;

/// Every field of the unit takes the winner's value, also where the winner has none: parts of two addresses
/// are no address. Fields on which all sources are silent get no settlement.
pub(super) fn hand_out(
    unit: &Unit,
    outcome: &Outcome<'_>,
    keys: &[Arc<SourceKey>],
    settlements: &mut BTreeMap<Field, Settlement>,
) {
    // The winner's latest word on the unit dates the parts it leaves out.
    let latest = unit.fields.iter().filter_map(|&it| said(outcome.winner, it));
    let Some(latest) = latest.max_by_key(|it| (it.origin.changed_at, it.origin.sequence)) else { return };
    for &field in &unit.fields {
        let won = said(outcome.winner, field);
        let losers: Vec<Loser> = outcome
            .lost
            .iter()
            .filter_map(|&(loser, step)| {
                let state = said(loser, field)?;
                Some(Loser {
                    source: keys[loser.place].clone(),
                    value: state.value.clone(),
                    step,
                    changed_at: state.origin.changed_at,
                })
            })
            .collect();
        if won.is_some() || !losers.is_empty() {
            settlements.insert(
                field,
                Settlement {
                    value: won.and_then(|it| it.value.clone()),
                    winner: Winner::Source(keys[outcome.winner.place].clone()),
                    step: outcome.step,
                    origin: won.unwrap_or(latest).origin,
                    losers,
                },
            );
        }
    }
}

fn said<'a>(competitor: &Competitor<'a>, field: Field) -> Option<&'a FieldState> {
    competitor.source.states.said(field)
}
