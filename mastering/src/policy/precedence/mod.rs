//! The precedence policy: rank of each source, and per field its master, strategies, null policy and write direction.
//!
//! Here: the policy as it is asked. Not here: its document and what may be wrong with it (`document`).

mod document;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::{Field, RecordKind};
use domain::sources::SourceSystem;

use super::PolicyError;
use crate::survivorship::steps::{NullPolicy, Step, Strategy};

/// The update precedence: which source's value is served, for every field of every kind of record.
#[derive(Debug, Clone)]
pub struct PrecedencePolicy {
    version: Arc<str>,
    ranks: BTreeMap<SourceSystem, u32>,
    units: BTreeMap<RecordKind, Vec<Unit>>,
}

/// Fields that are settled together, mostly just one.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its fields, in the order of the document.
    pub fields: Vec<Field>,
    /// How it is settled.
    pub rule: Rule,
}

/// How a unit is settled.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The system whose value wins regardless of the strategies.
    pub master: Option<SourceSystem>,
    /// Asked in order; the first that tells competitors apart decides.
    pub strategies: Vec<Strategy>,
    /// What an empty value means.
    pub null: NullPolicy,
    /// The systems that the served value is written back to. Nothing is ever written to any other.
    pub write_to: Vec<SourceSystem>,
}

impl Rule {
    /// All steps in order. The last three make every outcome certain.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let master = self.master.is_some().then_some(Step::Master);
        let strategies = self.strategies.iter().map(|&it| Step::from(it));
        master.into_iter().chain(strategies).chain([Step::SourceRank, Step::Sequence, Step::SourceKey])
    }
}

impl PrecedencePolicy {
    /// Reads and validates a document.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        document::read(text)
    }

    /// Declared version and short hash of the document.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The system's rank, 1 is best; `None` for a system the policy does not name.
    pub fn rank(&self, system: &SourceSystem) -> Option<u32> {
        self.ranks.get(system).copied()
    }

    /// How the field is settled.
    pub fn rule(&self, field: Field) -> &Rule {
        &self.unit(field).rule
    }

    /// The field with those that are settled together with it.
    pub fn unit(&self, field: Field) -> &Unit {
        let unit = self.units(field.record()).iter().find(|it| it.fields.contains(&field));
        unit.expect("parsing gives every field a unit")
    }

    /// All units of a kind of record; every field is in exactly one.
    pub fn units(&self, kind: RecordKind) -> &[Unit] {
        self.units.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// What the policy says, place by place, in words of its document: `ranks.CRM`, `lead.phone.strategies`. Rules
    /// that fields take from others are told at the fields, so that equal places mean equal outcomes.
    pub fn entries(&self) -> BTreeMap<String, String> {
        let ranks = self.ranks.iter().map(|(system, rank)| (format!("ranks.{system}"), rank.to_string()));
        let fields = RecordKind::ALL.iter().flat_map(|kind| kind.fields());
        ranks.chain(fields.flat_map(|it| self.entries_of(it))).collect()
    }

    fn entries_of(&self, field: Field) -> impl Iterator<Item = (String, String)> {
        let Unit { fields, rule } = self.unit(field);
        let others = fields.iter().filter(|it| **it != field).map(|it| it.name()).collect();
        let place = format!("{}.{}", field.record().code().to_lowercase(), field.name());
        let entries = [
            ("master", rule.master.iter().map(|it| it.code()).collect()),
            ("strategies", rule.strategies.iter().map(|it| it.code()).collect()),
            ("null", vec![rule.null.code()]),
            ("write_to", rule.write_to.iter().map(|it| it.code()).collect()),
            ("settled_with", others),
        ];
        let said = entries.into_iter().filter(|(_, words): &(_, Vec<&str>)| !words.is_empty());
        said.map(move |(part, words)| (format!("{place}.{part}"), words.join(", ")))
    }
}

impl Default for PrecedencePolicy {
    fn default() -> Self {
        Self::parse(DEFAULT_PRECEDENCE).expect("a test parses the default policy")
    }
}

/// The built-in document.
pub const DEFAULT_PRECEDENCE: &str = include_str!("../../../policies/precedence.toml");

#[cfg(test)]
mod tests;
