//! The precedence document: from TOML to a policy that can decide everything, or to what is wrong and where.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::fields::{Field, FieldKind, RecordKind};
use domain::sources::SourceSystem;
use serde::Deserialize;

use super::{PrecedencePolicy, Rule, Unit};
use crate::policy::{PolicyError, fingerprinted};
use crate::survivorship::steps::Strategy;

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
    /// The field or group whose rule this one is; then nothing else is said.
    like: Option<String>,
    master: Option<String>,
    #[serde(default)]
    strategies: Vec<String>,
    null: Option<String>,
    #[serde(default)]
    write_to: Vec<String>,
}

/// Name of the rule of every field that has none.
const OTHERWISE: &str = "otherwise";

pub(super) fn read(text: &str) -> Result<PrecedencePolicy, PolicyError> {
    let document: Document = toml::from_str(text)?;
    let ranks = ranks(document.ranks)?;
    let records = [
        (RecordKind::Account, document.account),
        (RecordKind::Contact, document.contact),
        (RecordKind::Lead, document.lead),
        (RecordKind::Opportunity, document.opportunity),
    ];
    let units = records
        .iter()
        .map(|(kind, section)| Ok((*kind, Reader { kind: *kind, section, ranks: &ranks }.units()?)))
        .collect::<Result<_, PolicyError>>()?;
    Ok(PrecedencePolicy { version: Arc::from(fingerprinted(&document.version, text)), ranks, units })
}

fn ranks(given: BTreeMap<String, u32>) -> Result<BTreeMap<SourceSystem, u32>, PolicyError> {
    let mut by_rank = BTreeMap::new();
    for (code, rank) in given {
        let key = format!("ranks.{code}");
        let system = system(&key, &code)?;
        if rank == 0 {
            return Err(PolicyError::OutOfRange { key, expected: "1 or more; 1 is best" });
        }
        if let Some(first) = by_rank.insert(rank, system) {
            return Err(PolicyError::SharedRank { first: first.to_string(), second: code });
        }
    }
    Ok(by_rank.into_iter().map(|(rank, system)| (system, rank)).collect())
}

fn system(key: &str, code: &str) -> Result<SourceSystem, PolicyError> {
    code.parse().map_err(|cause| PolicyError::InvalidSystem { key: key.to_owned(), cause })
}

/// Reads the section of one kind of record.
struct Reader<'a> {
    kind: RecordKind,
    section: &'a Section,
    ranks: &'a BTreeMap<SourceSystem, u32>,
}

impl<'a> Reader<'a> {
    fn units(&self) -> Result<Vec<Unit>, PolicyError> {
        let grouped = self.grouped()?;
        for name in self.section.rules.keys() {
            self.check_place(&self.key_of(name), name, &grouped)?;
        }
        self.rule(OTHERWISE, &[], &grouped)?;
        let mut units = Vec::new();
        for (name, fields) in &self.section.groups {
            let fields = self.fields(fields);
            let rule = self.rule(name, &fields, &grouped)?;
            units.push(Unit { fields, rule });
        }
        for field in self.kind.fields().filter(|it| !grouped.contains_key(it)) {
            units.push(Unit { fields: vec![field], rule: self.rule(field.name(), &[field], &grouped)? });
        }
        Ok(units)
    }

    /// The group of every grouped field.
    fn grouped(&self) -> Result<BTreeMap<Field, &'a str>, PolicyError> {
        let mut grouped = BTreeMap::new();
        for (group, names) in &self.section.groups {
            let key = self.key(&format!("groups.{group}"));
            if self.kind.field(group).is_ok() || group == OTHERWISE {
                return Err(PolicyError::GroupNamedAsField { key });
            }
            for name in names {
                let Ok(field) = self.kind.field(name) else { return Err(self.unknown(key)) };
                if grouped.insert(field, group.as_str()).is_some() {
                    return Err(PolicyError::FieldInTwoGroups { key, field: name.clone() });
                }
            }
        }
        Ok(grouped)
    }

    /// Checks that a name stands for a unit: a group, or a field outside of groups.
    fn check_place(&self, key: &str, name: &str, grouped: &BTreeMap<Field, &str>) -> Result<(), PolicyError> {
        if self.section.groups.contains_key(name) {
            return Ok(());
        }
        let field = self.kind.field(name).map_err(|_| self.unknown(key.to_owned()))?;
        match grouped.get(&field) {
            Some(&group) => {
                Err(PolicyError::RuleInsideGroup { key: key.to_owned(), group: group.to_owned() })
            }
            None => Ok(()),
        }
    }

    /// The rule of a unit, wherever it is written down, for these fields.
    fn rule(
        &self,
        name: &str,
        fields: &[Field],
        grouped: &BTreeMap<Field, &str>,
    ) -> Result<Rule, PolicyError> {
        let (mut place, mut text) = self.written(name);
        let mut path = vec![place];
        while let Some(model) = &text.like {
            let key = format!("{}.like", self.key_of(place));
            if text.says_more() {
                return Err(PolicyError::RuleBesideLike { key });
            }
            if model != OTHERWISE {
                self.check_place(&key, model, grouped)?;
            }
            (place, text) = self.written(model);
            if path.contains(&place) {
                path.push(place);
                return Err(PolicyError::RuleCycle { key, path: path.join(" → ") });
            }
            path.push(place);
        }
        self.parse(&self.key_of(place), text, fields)
    }

    /// Where the rule of a name is written down: at the name itself, or at `otherwise`.
    fn written(&self, name: &str) -> (&'a str, &'a RuleText) {
        let own = self.section.rules.get_key_value(name).map(|(name, text)| (name.as_str(), text));
        own.unwrap_or((OTHERWISE, &self.section.otherwise))
    }

    fn parse(&self, key: &str, text: &RuleText, fields: &[Field]) -> Result<Rule, PolicyError> {
        let unknown = |part: &str, cause| PolicyError::UnknownCode { key: format!("{key}.{part}"), cause };
        let mut strategies: Vec<Strategy> = Vec::new();
        for code in &text.strategies {
            let strategy = code.parse().map_err(|cause| unknown("strategies", cause))?;
            if strategies.contains(&strategy) {
                return Err(PolicyError::Repeated { key: format!("{key}.strategies"), what: code.clone() });
            }
            strategies.push(strategy);
        }
        if strategies.contains(&Strategy::MostRestrictive) && !is_yes_or_no(fields) {
            return Err(PolicyError::NotYesOrNo { key: key.to_owned() });
        }
        let master = text.master.as_ref().map(|it| self.ranked(&format!("{key}.master"), it)).transpose()?;
        let Some(null) = &text.null else {
            let expected = "IGNORE, WINS or NEVER: say what an empty value means";
            return Err(PolicyError::OutOfRange { key: format!("{key}.null"), expected });
        };
        let null = null.parse().map_err(|cause| unknown("null", cause))?;
        Ok(Rule { master, strategies, null, write_to: self.write_to(key, &text.write_to)? })
    }

    fn write_to(&self, key: &str, codes: &[String]) -> Result<Vec<SourceSystem>, PolicyError> {
        let key = format!("{key}.write_to");
        let mut systems = Vec::new();
        for code in codes {
            let system = self.ranked(&key, code)?;
            if system == SourceSystem::own() {
                return Err(PolicyError::WrittenToOwn { key });
            }
            if systems.contains(&system) {
                return Err(PolicyError::Repeated { key, what: code.clone() });
            }
            systems.push(system);
        }
        Ok(systems)
    }

    fn ranked(&self, key: &str, code: &str) -> Result<SourceSystem, PolicyError> {
        let system = system(key, code)?;
        match self.ranks.contains_key(&system) {
            true => Ok(system),
            false => Err(PolicyError::UnrankedSystem { key: key.to_owned(), system: code.to_owned() }),
        }
    }

    /// The fields of a group whose names [`Reader::grouped`] has checked.
    fn fields(&self, names: &[String]) -> Vec<Field> {
        names.iter().filter_map(|it| self.kind.field(it).ok()).collect()
    }

    fn unknown(&self, key: String) -> PolicyError {
        let fields = self.kind.fields().map(|it| it.name().to_owned());
        let known = self.section.groups.keys().cloned().chain(fields).collect::<Vec<_>>().join(", ");
        PolicyError::UnknownField { key, record: self.kind, known }
    }

    /// Place of a rule in the document, such as `lead.rules.phone`.
    fn key_of(&self, name: &str) -> String {
        if name == OTHERWISE { self.key(name) } else { self.key(&format!("rules.{name}")) }
    }

    fn key(&self, part: &str) -> String {
        format!("{}.{part}", self.kind.code().to_lowercase())
    }
}

impl RuleText {
    fn says_more(&self) -> bool {
        self.master.is_some()
            || self.null.is_some()
            || !self.strategies.is_empty()
            || !self.write_to.is_empty()
    }
}

fn is_yes_or_no(fields: &[Field]) -> bool {
    !fields.is_empty() && fields.iter().all(|it| it.kind() == FieldKind::Boolean)
}
