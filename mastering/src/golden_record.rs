//! A served record: one settlement per field. Never edited; it is what the rules say of its source records today.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::{SourceKey, Values};

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
    /// The source record that won.
    pub winner: Arc<SourceKey>,
    /// The step that left it alone.
    pub step: Step,
    /// When and where the value came to be.
    pub origin: Origin,
    /// Who else had a say, in the order of their keys.
    pub losers: Vec<Loser>,
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
