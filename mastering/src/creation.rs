//! What a system is told of a record that it does not have: the values that a new record there begins with.
//!
//! Here: the write direction of the precedence policy for a system that says nothing yet. Pure.
//! Not here: what a system that has the record is told (`write_back`), whether records are made there at all (its mapping).

use chrono::{DateTime, Utc};
use domain::fields::{Field, FieldKind, lead};
use domain::leads::LeadStage;
use domain::sources::{SourceKey, SourceSystem};

use crate::golden_record::GoldenRecord;
use crate::policy::PrecedencePolicy;

/// A value that a new record begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Initial<'a> {
    /// The field.
    pub field: Field,
    /// The served value. A reference is an id of the system it comes from, which `refers_from` names.
    pub value: &'a str,
    /// Whose id a reference is; `None` for other fields.
    pub refers_from: Option<&'a SourceKey>,
    /// Since when it is so. When the system says it too, it says so since then, not since we wrote it.
    pub since: DateTime<Utc>,
}

/// What a new record in a system begins with, among the fields that are written there; nothing when it is not to be made.
///
/// Its values are those that the policy writes to the system, and those of which the system would be master: it says
/// nothing yet, so nobody is contradicted. Where the policy writes none of them, the system is not told of the record at
/// all; nor of one that no source has any more, nor of a lead that was converted, which is an account now, nor of one whose
/// person was erased.
pub fn initial<'a>(
    policy: &PrecedencePolicy,
    golden: &'a GoldenRecord,
    system: &SourceSystem,
    is_written: impl Fn(Field) -> bool,
) -> Vec<Initial<'a>> {
    if golden.sources().is_empty() || is_converted(golden) || golden.is_erased() {
        return Vec::new();
    }
    let mut initial = Vec::new();
    let mut is_any_written_back = false;
    for (field, settlement) in golden.settlements().filter(|(field, _)| is_written(*field)) {
        let Some(value) = settlement.value.as_deref() else { continue };
        let rule = policy.rule(field);
        let is_written_back = rule.write_to.contains(system);
        if !is_written_back && rule.master.as_ref() != Some(system) {
            continue;
        }
        is_any_written_back |= is_written_back;
        let refers_from = match field.kind() {
            FieldKind::Reference(_) => match settlement.source() {
                Some(source) => Some(&**source),
                None => continue,
            },
            _ => None,
        };
        initial.push(Initial { field, value, refers_from, since: settlement.origin.changed_at });
    }
    if is_any_written_back { initial } else { Vec::new() }
}

fn is_converted(golden: &GoldenRecord) -> bool {
    let became = [lead::converted_account, lead::converted_contact, lead::converted_opportunity];
    golden.text(lead::stage) == Some(LeadStage::Converted.code())
        || became.iter().any(|it| golden.text(*it).is_some())
}

#[cfg(test)]
mod tests {
    use domain::fields::{RecordKind, account, contact};
    use domain::sources::Values;

    use super::*;
    use crate::survivorship::holds::Holds;
    use crate::survivorship::{Sighting, SourceFacts, observe, resolve};

    fn check(kind: RecordKind, is_live: bool, values: &[(Field, &str)], expected: &[&str]) {
        let policy = PrecedencePolicy::default();
        let at: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        let key = SourceKey {
            system: "MA".parse().unwrap(),
            object: "Lead".to_owned(),
            external_id: "1".to_owned(),
        };
        let values: Values = values.iter().map(|&(it, text)| (it, it.canonical(text).unwrap())).collect();
        let sighting = Sighting { modified_at: at, observed_at: at, sequence: 1 };
        let states = observe(None, &values, sighting).states;
        let sources = [SourceFacts { key: &key, states: &states, is_live }];
        let golden = resolve(&policy, kind, &sources, &Holds::default());
        let hidden = [lead::converted_account, lead::mobile_phone];
        let initial = initial(&policy, &golden, &"CRM".parse().unwrap(), |field| !hidden.contains(&field));
        let told: Vec<String> = initial
            .iter()
            .map(|it| match it.refers_from {
                Some(from) => format!("{}={}/{}", it.field.name(), from.system, it.value),
                None => format!("{}={}", it.field.name(), it.value),
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_served_and_written_back_is_what_it_begins_with() {
        let values = [(lead::last_name, "佐藤"), (lead::company, "極洋"), (lead::phone, "")];
        check(RecordKind::Lead, true, &values, &["last_name=佐藤", "company=極洋"]);
    }

    #[test]
    fn what_the_mapping_does_not_write_is_left_out() {
        let values = [(lead::last_name, "佐藤"), (lead::mobile_phone, "090-1111-2222")];
        check(RecordKind::Lead, true, &values, &["last_name=佐藤"]);
    }

    #[test]
    fn a_system_that_would_be_master_is_told_as_well() {
        check(RecordKind::Account, true, &[(account::name, "極洋")], &["name=極洋"]);
    }

    #[test]
    fn a_reference_names_whose_id_it_is() {
        let values = [(contact::last_name, "佐藤"), (contact::account, "A-1")];
        check(RecordKind::Contact, true, &values, &["last_name=佐藤", "account=MA/A-1"]);
    }

    #[test]
    fn what_is_gone_or_was_converted_is_not_made() {
        let values = [(lead::last_name, "佐藤")];
        check(RecordKind::Lead, false, &values, &[]);
        check(RecordKind::Lead, true, &[(lead::last_name, "佐藤"), (lead::stage, "CONVERTED")], &[]);
        check(RecordKind::Lead, true, &[(lead::last_name, "佐藤"), (lead::converted_account, "A-1")], &[]);
    }
}
