//! What differs between two policies of one kind, place by place.
//!
//! Places are compared, not lines: comments, order and spelling are no difference, and a rule that a field takes from
//! another one is told at the field.

use std::collections::{BTreeMap, BTreeSet};

use domain::conflicts::ConflictPolicy;
use domain::distribution::DistributionPolicy;
use domain::lifecycle::LifecyclePolicy;
use domain::policies::PolicyKind;

use super::{MatchingPolicy, PolicyError, PrecedencePolicy};

/// What a policy says, by place: `ranks.CRM`, `lead.phone.strategies`, `persons.EMAIL.EQUAL`.
pub type Entries = BTreeMap<String, String>;

/// One place where two policies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place.
    pub place: String,
    /// What the first policy says; `None` when it says nothing there.
    pub before: Option<String>,
    /// What the second policy says; `None` when it says nothing there.
    pub after: Option<String>,
}

/// What a document says. It is validated first.
pub fn entries(kind: PolicyKind, text: &str) -> Result<Entries, PolicyError> {
    match kind {
        PolicyKind::Precedence => Ok(PrecedencePolicy::parse(text)?.entries()),
        PolicyKind::Matching => {
            MatchingPolicy::parse(text)?;
            flattened(text)
        }
        PolicyKind::Conflict => {
            ConflictPolicy::parse(text)?;
            flattened(text)
        }
        PolicyKind::Lifecycle => {
            LifecyclePolicy::parse(text)?;
            flattened(text)
        }
        PolicyKind::Distribution => {
            DistributionPolicy::parse(text)?;
            flattened(text)
        }
    }
}

/// Where two policies differ, in the order of the places.
pub fn between(before: &Entries, after: &Entries) -> Vec<Difference> {
    let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = places.into_iter().filter(|it| before.get(*it) != after.get(*it));
    differing
        .map(|place| Difference {
            place: place.clone(),
            before: before.get(place).cloned(),
            after: after.get(place).cloned(),
        })
        .collect()
}

fn flattened(text: &str) -> Result<Entries, PolicyError> {
    let mut document: toml::Table = toml::from_str(text)?;
    document.remove("version");
    let mut entries = Entries::new();
    flatten(&mut entries, "", &document);
    Ok(entries)
}

fn flatten(entries: &mut Entries, above: &str, table: &toml::Table) {
    for (name, value) in table {
        let place = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            toml::Value::Table(table) => flatten(entries, &place, table),
            toml::Value::String(text) => drop(entries.insert(place, text.clone())),
            other => drop(entries.insert(place, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{DEFAULT_MATCHING, DEFAULT_PRECEDENCE};

    fn changed(kind: PolicyKind, document: &str, old: &str, new: &str) -> Vec<String> {
        assert!(document.contains(old), "{old}");
        let before = entries(kind, document).unwrap();
        let after = entries(kind, &document.replacen(old, new, 1)).unwrap();
        let told = |it: Difference| format!("{}: {:?} → {:?}", it.place, it.before, it.after);
        between(&before, &after).into_iter().map(told).collect()
    }

    #[test]
    fn a_document_does_not_differ_from_itself() {
        for (kind, document) in
            [(PolicyKind::Precedence, DEFAULT_PRECEDENCE), (PolicyKind::Matching, DEFAULT_MATCHING)]
        {
            let commented = format!("# a comment\n{document}");
            assert_eq!(between(&entries(kind, document).unwrap(), &entries(kind, &commented).unwrap()), []);
        }
    }

    #[test]
    fn a_changed_rule_is_told_at_its_field() {
        let changed = |old, new| changed(PolicyKind::Precedence, DEFAULT_PRECEDENCE, old, new);
        assert_eq!(changed("MA = 3", "MA = 5"), [r#"ranks.MA: Some("3") → Some("5")"#]);
        let score = "score = { master = \"MA\", strategies = [\"RECENCY\"]";
        assert_eq!(
            changed(score, "score = { strategies = [\"RECENCY\", \"SOURCE_RANK\"]"),
            [
                r#"lead.score.master: Some("MA") → None"#,
                r#"lead.score.strategies: Some("RECENCY") → Some("RECENCY, SOURCE_RANK")"#,
            ]
        );
    }

    #[test]
    fn a_changed_rule_of_a_group_is_told_at_each_of_its_fields() {
        let (old, new) = ("assignment = { master = \"OWN\"", "assignment = { master = \"CRM\"");
        let changed = changed(PolicyKind::Precedence, DEFAULT_PRECEDENCE, old, new);
        assert_eq!(
            changed,
            [
                r#"lead.assigned_partner.master: Some("OWN") → Some("CRM")"#,
                r#"lead.assigned_user.master: Some("OWN") → Some("CRM")"#,
            ]
        );
    }

    #[test]
    fn changed_points_are_told() {
        let document = DEFAULT_MATCHING.replacen("link_at = 60", "link_at = 61", 1);
        assert_ne!(document, DEFAULT_MATCHING);
        let changed = changed(PolicyKind::Matching, DEFAULT_MATCHING, "link_at = 60", "link_at = 61");
        assert_eq!(changed, [r#"link_at: Some("60") → Some("61")"#]);
    }
}
