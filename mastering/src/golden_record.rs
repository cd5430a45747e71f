//! A served record: one settlement per field. Never edited; it is what the rules say of its source records today.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::ids::HoldId;
use domain::sources::{SourceKey, Values};
use serde::{Deserialize, Serialize};

use crate::survivorship::field_states::Origin;
use crate::survivorship::steps::Step;

/// What the rules say of the source records of one golden record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenRecord {
    kind: RecordKind,
    policy: Arc<str>,
    sources: Vec<Arc<SourceKey>>,
    settlements: BTreeMap<Field, Settlement>,
}

/// How one field got its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The served value; `None` when the winner says it is empty or, in a group, leaves it out.
    pub value: Option<String>,
    /// Whose value it is.
    pub winner: Winner,
    /// The step that left it alone.
    pub step: Step,
    /// When and where the value came to be.
    pub origin: Origin,
    /// Who else had a say, in the order of their keys.
    pub losers: Vec<Loser>,
}

/// Whose value is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Winner {
    /// What a source record says.
    Source(Arc<SourceKey>),
    /// What a person has fixed.
    Held(Held),
}

/// A value that a person has fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The pin or lock; the settlement's step tells which.
    pub hold: HoldId,
    /// The source record that the kept value came from; `None` when a person gave it, or nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<SourceKey>>,
    /// The step by which the sources would settle the field without it; `None` when they have no say. Who would win then
    /// is the loser that lost to the hold: [`Settlement::would_win`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Step>,
}

impl Settlement {
    /// The source record that the served value came from; `None` when a person gave it.
    pub fn source(&self) -> Option<&Arc<SourceKey>> {
        match &self.winner {
            Winner::Source(source) => Some(source),
            Winner::Held(held) => held.source.as_ref(),
        }
    }

    /// The pin or lock that decided.
    pub fn hold(&self) -> Option<HoldId> {
        match &self.winner {
            Winner::Source(_) => None,
            Winner::Held(held) => Some(held.hold),
        }
    }

    /// Who would win without the pin or lock, and by which step; `None` without one, or when no source has a say.
    pub fn would_win(&self) -> Option<(&Loser, Step)> {
        let Winner::Held(Held { instead: Some(step), .. }) = &self.winner else { return None };
        Some((self.losers.iter().find(|it| it.step == self.step)?, *step))
    }
}

/// A value that is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loser {
    /// The source record that said it.
    pub source: Arc<SourceKey>,
    /// What it said; `None` is explicitly empty.
    pub value: Option<String>,
    /// The step at which it lost.
    pub step: Step,
    /// Since when it says so.
    pub changed_at: DateTime<Utc>,
}

impl GoldenRecord {
    pub(crate) fn new(
        kind: RecordKind,
        policy: Arc<str>,
        sources: Vec<Arc<SourceKey>>,
        settlements: BTreeMap<Field, Settlement>,
    ) -> Self {
        Self { kind, policy, sources, settlements }
    }

    /// The same without what it says of a person.
    #[must_use]
    pub fn erased(mut self) -> Self {
        let Self { sources, settlements, .. } = &mut self;
        settlements.retain(|field, it| {
            if !field.is_personal() {
                return true;
            }
            let source = it.source().filter(|it| sources.contains(it)).or(sources.first()).cloned();
            let Some(source) = source else { return false };
            let (winner, origin) = (Winner::Source(source), it.origin);
            *it = Settlement { value: None, winner, step: Step::Erased, origin, losers: Vec::new() };
            true
        });
        self
    }

    /// Whether something that it said of a person was scrubbed.
    pub fn is_erased(&self) -> bool {
        self.settlements.values().any(|it| it.step == Step::Erased)
    }

    /// What it describes.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Version of the precedence policy that settled it.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Its live source records, in the order of their keys.
    pub fn sources(&self) -> &[Arc<SourceKey>] {
        &self.sources
    }

    /// How the field got its value; `None` when no source has anything to say.
    pub fn settlement(&self, field: Field) -> Option<&Settlement> {
        self.settlements.get(&field)
    }

    /// All settlements in the order of the catalogue.
    pub fn settlements(&self) -> impl Iterator<Item = (Field, &Settlement)> {
        self.settlements.iter().map(|(&field, settlement)| (field, settlement))
    }

    /// The served value, if there is one.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.settlement(field)?.value.as_deref()
    }

    /// The served values; fields without a settlement are absent.
    pub fn values(&self) -> Values {
        self.settlements().map(|(field, it)| (field, it.value.clone())).collect()
    }
}
