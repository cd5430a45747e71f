//! The precedence document: rank of each source, and per field its master, strategies and null policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::{Field, FieldKind, RecordKind};
use domain::sources::SourceSystem;
use serde::Deserialize;

use super::{PolicyError, fingerprinted};
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
        let document: Document = toml::from_str(text)?;
        let ranks = ranks(document.ranks)?;
        let records = [
            (RecordKind::Account, document.account),
            (RecordKind::Contact, document.contact),
            (RecordKind::Lead, document.lead),
            (RecordKind::Opportunity, document.opportunity),
        ];
        let units = records
            .into_iter()
            .map(|(kind, section)| Ok((kind, Reader { kind, ranks: &ranks }.units(section)?)))
            .collect::<Result<_, PolicyError>>()?;
        Ok(Self { version: Arc::from(fingerprinted(&document.version, text)), ranks, units })
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
        let unit = self.units(field.record()).iter().find(|it| it.fields.contains(&field));
        &unit.expect("parsing gives every field a unit").rule
    }

    /// All units of a kind of record; every field is in exactly one.
    pub fn units(&self, kind: RecordKind) -> &[Unit] {
        self.units.get(&kind).map_or(&[], Vec::as_slice)
    }
}

impl Default for PrecedencePolicy {
    fn default() -> Self {
        Self::parse(include_str!("../../policies/precedence.toml")).expect("a test parses the default policy")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: String,
    ranks: BTreeMap<String, u32>,
    account: Section,
    contact: Section,
    lead: Section,
    opportunity: Section,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    otherwise: RuleText,
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    rules: BTreeMap<String, RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    master: Option<String>,
    #[serde(default)]
    strategies: Vec<String>,
    null: String,
}

fn ranks(given: BTreeMap<String, u32>) -> Result<BTreeMap<SourceSystem, u32>, PolicyError> {
    let mut by_rank = BTreeMap::new();
    for (code, rank) in given {
        let key = format!("ranks.{code}");
        let system: SourceSystem =
            code.parse().map_err(|cause| PolicyError::InvalidSystem { key: key.clone(), cause })?;
        if rank == 0 {
            return Err(PolicyError::OutOfRange { key, expected: "1 or more; 1 is best" });
        }
        if let Some(first) = by_rank.insert(rank, system) {
            return Err(PolicyError::SharedRank { first: first.to_string(), second: code });
        }
    }
    Ok(by_rank.into_iter().map(|(rank, system)| (system, rank)).collect())
}

/// Reads the section of one kind of record.
struct Reader<'a> {
    kind: RecordKind,
    ranks: &'a BTreeMap<SourceSystem, u32>,
}

impl Reader<'_> {
    fn units(&self, section: Section) -> Result<Vec<Unit>, PolicyError> {
        let grouped = self.grouped(&section.groups)?;
        let rules = self.rules(&section, &grouped)?;
        let otherwise = self.rule(&self.key("otherwise"), &section.otherwise, &[])?;
        let rule = |name: &str| rules.get(name).unwrap_or(&otherwise).clone();
        let groups = section
            .groups
            .iter()
            .map(|(name, fields)| Unit { fields: self.fields(fields), rule: rule(name) });
        let singles = self.kind.fields().filter(|it| !grouped.contains_key(it));
        Ok(groups.chain(singles.map(|it| Unit { fields: vec![it], rule: rule(it.name()) })).collect())
    }

    /// The rules by name of field or group.
    fn rules<'s>(
        &self,
        section: &'s Section,
        grouped: &BTreeMap<Field, &str>,
    ) -> Result<BTreeMap<&'s str, Rule>, PolicyError> {
        let mut rules = BTreeMap::new();
        for (name, text) in &section.rules {
            let key = self.key(&format!("rules.{name}"));
            let fields = match (section.groups.get(name), self.kind.field(name)) {
                (Some(fields), _) => self.fields(fields),
                (None, Ok(field)) => vec![field],
                (None, Err(_)) => return Err(self.unknown(key, section.groups.keys())),
            };
            let own_group = fields.first().and_then(|it| grouped.get(it)).filter(|&&it| it != name.as_str());
            if let Some(&group) = own_group {
                return Err(PolicyError::RuleInsideGroup { key, group: group.to_owned() });
            }
            rules.insert(name.as_str(), self.rule(&key, text, &fields)?);
        }
        Ok(rules)
    }

    /// The group of every grouped field.
    fn grouped<'g>(
        &self,
        groups: &'g BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<Field, &'g str>, PolicyError> {
        let mut grouped = BTreeMap::new();
        for (group, names) in groups {
            let key = self.key(&format!("groups.{group}"));
            if self.kind.field(group).is_ok() {
                return Err(PolicyError::GroupNamedAsField { key });
            }
            for name in names {
                let Ok(field) = self.kind.field(name) else { return Err(self.unknown(key, [].iter())) };
                if grouped.insert(field, group.as_str()).is_some() {
                    return Err(PolicyError::FieldInTwoGroups { key, field: name.clone() });
                }
            }
        }
        Ok(grouped)
    }

    /// The fields of a group whose names [`Reader::grouped`] has checked.
    fn fields(&self, names: &[String]) -> Vec<Field> {
        names.iter().filter_map(|it| self.kind.field(it).ok()).collect()
    }

    fn unknown<'g>(&self, key: String, groups: impl Iterator<Item = &'g String>) -> PolicyError {
        let fields = self.kind.fields().map(|it| it.name().to_owned());
        let known = groups.cloned().chain(fields).collect::<Vec<_>>().join(", ");
        PolicyError::UnknownField { key, record: self.kind, known }
    }

    fn rule(&self, key: &str, text: &RuleText, fields: &[Field]) -> Result<Rule, PolicyError> {
        let unknown = |part: &str, cause| PolicyError::UnknownCode { key: format!("{key}.{part}"), cause };
        let strategies: Vec<Strategy> = text
            .strategies
            .iter()
            .map(|it| it.parse().map_err(|cause| unknown("strategies", cause)))
            .collect::<Result<_, _>>()?;
        let is_yes_or_no = !fields.is_empty() && fields.iter().all(|it| it.kind() == FieldKind::Boolean);
        if strategies.contains(&Strategy::MostRestrictive) && !is_yes_or_no {
            return Err(PolicyError::NotYesOrNo { key: key.to_owned() });
        }
        let master = text.master.as_ref().map(|it| self.master(key, it)).transpose()?;
        let null = text.null.parse().map_err(|cause| unknown("null", cause))?;
        Ok(Rule { master, strategies, null })
    }

    fn master(&self, key: &str, code: &str) -> Result<SourceSystem, PolicyError> {
        let key = format!("{key}.master");
        let system: SourceSystem =
            code.parse().map_err(|cause| PolicyError::InvalidSystem { key: key.clone(), cause })?;
        match self.ranks.contains_key(&system) {
            true => Ok(system),
            false => Err(PolicyError::UnrankedSystem { key, system: code.to_owned() }),
        }
    }

    /// Place in the document, such as `lead.rules.phone`.
    fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.kind.code().to_lowercase())
    }
}

#[cfg(test)]
#[path = "precedence_tests.rs"]
mod tests;
