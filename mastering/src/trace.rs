//! The trace of a golden record: its settlements in a form to store, small because most fields share one reason.
//!
//! Here: writing and reading it. Not here: making it; settling does (`survivorship`).

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::{RecordKind, UnknownField};
use domain::sources::SourceKey;
use serde::{Deserialize, Serialize};

use crate::golden_record::{GoldenRecord, Held, Loser, Settlement, Winner};
use crate::survivorship::field_states::Origin;
use crate::survivorship::steps::Step;

/// A stored text that is no trace.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableTrace {
    /// Not the stored form.
    #[error("the stored trace cannot be read; resolve the golden record again")]
    Form(#[from] serde_json::Error),
    /// A field that is no longer in the catalogue, or never was.
    #[error("the stored trace names an unknown field; resolve the golden record again")]
    Field(#[from] UnknownField),
    /// It refers to a source or reason that is not listed, or names no winner.
    #[error("the stored trace is incomplete; resolve the golden record again")]
    Incomplete,
}

impl GoldenRecord {
    /// The trace: one line of JSON, equal for equal records.
    pub fn to_trace(&self) -> String {
        let mut trace = Trace { policy: self.policy(), sources: self.sources(), ..Trace::default() };
        for (field, settlement) in self.settlements() {
            let entry = trace.entry(settlement);
            trace.fields.insert(field.name(), entry);
        }
        serde_json::to_string(&trace).expect("texts, numbers and times always serialise")
    }

    /// Reads [`GoldenRecord::to_trace`].
    pub fn from_trace(kind: RecordKind, text: &str) -> Result<Self, UnreadableTrace> {
        let trace: OwnedTrace = serde_json::from_str(text)?;
        let mut settlements = BTreeMap::new();
        for (name, entry) in &trace.fields {
            let settlement = trace.settlement(entry).ok_or(UnreadableTrace::Incomplete)?;
            settlements.insert(kind.field(name)?, settlement);
        }
        Ok(Self::new(kind, Arc::from(trace.policy), trace.sources, settlements))
    }
}

#[derive(Default, Serialize)]
struct Trace<'a> {
    policy: &'a str,
    sources: &'a [Arc<SourceKey>],
    reasons: Vec<Reason>,
    fields: BTreeMap<&'static str, Entry<&'a str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedTrace {
    policy: String,
    sources: Vec<Arc<SourceKey>>,
    reasons: Vec<Reason>,
    fields: BTreeMap<String, Entry<String>>,
}

/// Why a value won. Sources are named by their place in the list; what is held may come from one that has left it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Reason {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    winner: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
    step: Step,
    #[serde(flatten)]
    origin: Origin,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    value: Option<T>,
    /// Place of the reason in the list; 0 is left away.
    #[serde(default, skip_serializing_if = "is_first")]
    why: usize,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Lost<T>>,
}

#[derive(Serialize, Deserialize)]
struct Lost<T> {
    source: usize,
    value: Option<T>,
    step: Step,
    changed: DateTime<Utc>,
}

fn is_first(place: &usize) -> bool {
    *place == 0
}

impl<'a> Trace<'a> {
    fn entry(&mut self, settlement: &'a Settlement) -> Entry<&'a str> {
        let lost = |it: &'a Loser| Lost {
            source: self.place_of(&it.source),
            value: it.value.as_deref(),
            step: it.step,
            changed: it.changed_at,
        };
        let lost = settlement.losers.iter().map(lost).collect();
        let (winner, held) = match &settlement.winner {
            Winner::Source(source) => (Some(self.place_of(source)), None),
            Winner::Held(held) => (None, Some(held.clone())),
        };
        let reason = Reason { winner, held, step: settlement.step, origin: settlement.origin };
        Entry { value: settlement.value.as_deref(), why: self.place_of_reason(reason), lost }
    }

    fn place_of(&self, source: &Arc<SourceKey>) -> usize {
        let place = self.sources.iter().position(|it| it == source);
        place.expect("sources that win or lose are among the sources of their golden record")
    }

    fn place_of_reason(&mut self, reason: Reason) -> usize {
        self.reasons.iter().position(|it| *it == reason).unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        })
    }
}

impl OwnedTrace {
    /// `None` when a source or reason is not listed.
    fn settlement(&self, entry: &Entry<String>) -> Option<Settlement> {
        let reason = self.reasons.get(entry.why)?;
        let winner = match (reason.winner, &reason.held) {
            (Some(place), None) => Winner::Source(self.sources.get(place)?.clone()),
            (None, Some(held)) => Winner::Held(held.clone()),
            _ => return None,
        };
        let loser = |it: &Lost<String>| {
            Some(Loser {
                source: self.sources.get(it.source)?.clone(),
                value: it.value.clone(),
                step: it.step,
                changed_at: it.changed,
            })
        };
        Some(Settlement {
            value: entry.value.clone(),
            winner,
            step: reason.step,
            origin: reason.origin,
            losers: entry.lost.iter().map(loser).collect::<Option<_>>()?,
        })
    }
}
