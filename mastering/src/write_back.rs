//! Which served values a system should be told, because it said something else last.
//!
//! Here: the write direction of the precedence policy against what a system says. Pure. Not here: sending anything.

use chrono::{DateTime, Utc};
use domain::fields::{Field, FieldKind};
use domain::sources::SourceKey;

use crate::equivalence;
use crate::golden_record::GoldenRecord;
use crate::policy::{PrecedencePolicy, Rule};
use crate::survivorship::SourceFacts;
use crate::survivorship::steps::NullPolicy;

/// A value that a source record should have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteBack<'a> {
    /// The record that says something else.
    pub target: &'a SourceKey,
    /// The field.
    pub field: Field,
    /// The served value; `None` is empty.
    pub value: Option<&'a str>,
    /// Since when it is so. When the system says it too, it says so since then, not since we wrote it.
    pub since: DateTime<Utc>,
}

/// What should be written to the sources of a golden record, in the order of sources and fields.
///
/// Only where the policy writes, only to live records, and only fields that the system supplies: what it never said may
/// be hidden from us. Another spelling of the same value is no reason to write.
pub fn due<'a>(
    policy: &PrecedencePolicy,
    golden: &'a GoldenRecord,
    sources: &[SourceFacts<'a>],
) -> Vec<WriteBack<'a>> {
    let mut due = Vec::new();
    for source in sources.iter().filter(|it| it.is_live) {
        for (field, settlement) in golden.settlements() {
            let rule = policy.rule(field);
            // A record whose person was erased is told nothing of a person again.
            let Some(said) = source.states.said(field) else { continue };
            let value = settlement.value.as_deref();
            if may_write(rule, field, source.key, value)
                && !equivalence::same(field, value, said.value.as_deref())
            {
                let since = settlement.origin.changed_at;
                due.push(WriteBack { target: source.key, field, value, since });
            }
        }
    }
    due.sort_unstable();
    due
}

/// References are ids of the system they come from: they mean nothing in another one.
fn may_write(rule: &Rule, field: Field, target: &SourceKey, value: Option<&str>) -> bool {
    rule.write_to.contains(&target.system)
        && !matches!(field.kind(), FieldKind::Reference(_))
        && (value.is_some() || rule.null != NullPolicy::Never)
}

#[cfg(test)]
mod tests {
    use domain::fields::{RecordKind, lead};
    use domain::sources::Values;

    use super::*;
    use crate::survivorship::field_states::FieldStates;
    use crate::survivorship::holds::Holds;
    use crate::survivorship::{Sighting, observe, resolve};

    fn said(system: &str, day: u32, values: &[(Field, &str)]) -> (SourceKey, FieldStates) {
        let at: DateTime<Utc> = format!("2026-06-{day:02}T00:00:00Z").parse().unwrap();
        let key = SourceKey {
            system: system.parse().unwrap(),
            object: "Lead".to_owned(),
            external_id: system.to_owned(),
        };
        let values: Values = values.iter().map(|&(it, text)| (it, it.canonical(text).unwrap())).collect();
        let sighting = Sighting { modified_at: at, observed_at: at, sequence: day.into() };
        (key, observe(None, &values, sighting).states)
    }

    fn check(said: &[(SourceKey, FieldStates)], expected: &[&str]) {
        let policy = PrecedencePolicy::default();
        let facts = |(key, states)| SourceFacts { key, states, is_live: true };
        let sources: Vec<SourceFacts<'_>> = said.iter().map(|(key, states)| facts((key, states))).collect();
        let golden = resolve(&policy, RecordKind::Lead, &sources, &Holds::default());
        let due = due(&policy, &golden, &sources);
        let told: Vec<String> =
            due.iter().map(|it| format!("{} {}={:?}", it.target.system, it.field, it.value)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_system_that_says_something_else_is_told() {
        let crm = said("CRM", 1, &[(lead::phone, "03-1111-1111")]);
        let own = said("OWN", 2, &[(lead::phone, "03-2222-2222")]);
        check(&[crm, own], &[r#"CRM phone=Some("03-2222-2222")"#]);
    }

    #[test]
    fn another_spelling_is_no_reason_to_write() {
        let crm = said("CRM", 1, &[(lead::phone, "03-1234-5678")]);
        let own = said("OWN", 2, &[(lead::phone, "0312345678")]);
        check(&[crm, own], &[]);
    }

    #[test]
    fn nothing_is_written_where_the_policy_does_not_write() {
        let ma = said("MA", 1, &[(lead::phone, "03-1111-1111")]);
        let own = said("OWN", 2, &[(lead::phone, "03-2222-2222")]);
        check(&[ma, own], &[]);
    }

    #[test]
    fn what_a_system_never_said_is_not_written() {
        let crm = said("CRM", 1, &[(lead::company, "極洋")]);
        let own = said("OWN", 2, &[(lead::phone, "03-2222-2222")]);
        check(&[crm, own], &[]);
    }

    #[test]
    fn an_empty_value_is_written_only_where_empty_wins() {
        let crm = said("CRM", 1, &[(lead::score, "50"), (lead::origin, "EVENT")]);
        let ma = said("MA", 2, &[(lead::score, ""), (lead::origin, "")]);
        check(&[crm, ma], &["CRM score=None"]);
    }
}
