//! What competes for a field or group of fields: one source's say on it, with all that the steps ask of it.

use chrono::{DateTime, Utc};
use domain::sources::SourceSystem;

use super::SourceFacts;
use super::field_states::FieldState;
use super::steps::NullPolicy;
use crate::policy::{PrecedencePolicy, Unit};

/// A system's rank; of systems without one, the code decides, after all others.
pub(super) type SourceRank<'a> = (u32, &'a str);

/// One source's say.
pub(super) struct Competitor<'a> {
    /// Place of the source among the sources of the golden record.
    pub(super) place: usize,
    pub(super) source: &'a SourceFacts<'a>,
    pub(super) source_rank: SourceRank<'a>,
    pub(super) is_master: bool,
    /// Latest change among the fields of the unit.
    pub(super) changed_at: DateTime<Utc>,
    /// Latest observation among the fields of the unit.
    pub(super) sequence: i64,
    /// How many fields of the unit hold a value.
    pub(super) filled: usize,
    /// Whether it says "yes" to something; empty and "no" restrict.
    pub(super) is_permission: bool,
    /// Whether it may win: a value, or an empty one where empty wins.
    pub(super) competes: bool,
}

/// Who has something to say on the unit. A source that supplied none of its fields is silent.
pub(super) fn gather<'a>(
    policy: &PrecedencePolicy,
    unit: &Unit,
    sources: &[&'a SourceFacts<'a>],
) -> Vec<Competitor<'a>> {
    let competitor = |(place, &source): (usize, &&'a SourceFacts<'a>)| {
        let said = || unit.fields.iter().filter_map(|&field| source.states.said(field));
        let filled = said().filter(|it| it.value.is_some()).count();
        Some(Competitor {
            place,
            source,
            source_rank: source_rank(policy, &source.key.system),
            is_master: unit.rule.master.as_ref() == Some(&source.key.system),
            changed_at: said().map(|it| it.origin.changed_at).max()?,
            sequence: said().map(|it| it.origin.sequence).max()?,
            filled,
            is_permission: said().any(is_yes),
            competes: filled > 0 || unit.rule.null == NullPolicy::Wins,
        })
    };
    sources.iter().enumerate().filter_map(competitor).collect()
}

fn is_yes(state: &FieldState) -> bool {
    state.value.as_deref() == Some("true")
}

fn source_rank<'a>(policy: &PrecedencePolicy, system: &'a SourceSystem) -> SourceRank<'a> {
    policy.rank(system).map_or((u32::MAX, system.code()), |rank| (rank, ""))
}
