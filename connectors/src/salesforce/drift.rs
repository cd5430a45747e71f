//! What changed between two descriptions of an object, and what it means for the mapping.
//!
//! Pure: the descriptions come from `describe` and from what the caller kept.

use std::collections::BTreeSet;

use crate::connector::{FieldDescription, ObjectDescription, SchemaChange, SchemaDrift, SchemaEffect};
use crate::mapping::{CrmPath, FieldMapping, ObjectMapping, Presence};

/// Every change, by field.
pub(super) fn drift(
    mapping: &ObjectMapping,
    before: &ObjectDescription,
    now: &ObjectDescription,
) -> Vec<SchemaChange> {
    let names: BTreeSet<&String> = before.fields.keys().chain(now.fields.keys()).collect();
    let of_field = |name: &String| {
        let users: Vec<&FieldMapping> = mapping.fields.iter().filter(|it| uses(it, name)).collect();
        let drifts = drifts(before.fields.get(name), now.fields.get(name));
        let change = |drift: SchemaDrift| SchemaChange {
            object: mapping.object.clone(),
            field: name.clone(),
            mapped_as: users.iter().map(|it| it.key()).collect(),
            effect: users.iter().map(|it| effect(it, &drift)).max().unwrap_or(unmapped(&drift)),
            drift,
        };
        drifts.into_iter().map(change).collect::<Vec<_>>()
    };
    names.into_iter().flat_map(of_field).collect()
}

fn drifts(before: Option<&FieldDescription>, now: Option<&FieldDescription>) -> Vec<SchemaDrift> {
    let (before, now) = match (before, now) {
        (Some(before), Some(now)) => (before, now),
        (None, Some(_)) => return vec![SchemaDrift::Appeared],
        (Some(_), None) => return vec![SchemaDrift::Vanished],
        (None, None) => return Vec::new(),
    };
    let mut drifts = Vec::new();
    if before.kind != now.kind {
        drifts.push(SchemaDrift::Retyped { from: before.kind.clone(), to: now.kind.clone() });
    }
    if before.is_writable != now.is_writable {
        drifts.push(SchemaDrift::Writable(now.is_writable));
    }
    let added: Vec<String> = now.values.difference(&before.values).cloned().collect();
    let removed: Vec<String> = before.values.difference(&now.values).cloned().collect();
    drifts.extend((!added.is_empty()).then_some(SchemaDrift::ValuesAdded(added)));
    drifts.extend((!removed.is_empty()).then_some(SchemaDrift::ValuesRemoved(removed)));
    drifts
}

/// A related field is reached through the reference behind its relationship, as `OwnerId` is behind `Owner`.
fn uses(field: &FieldMapping, name: &str) -> bool {
    let leads = match &field.source {
        CrmPath::Own(own) => own == name,
        CrmPath::Related(relationship, _) => {
            name.strip_suffix("Id") == Some(relationship)
                || name.strip_suffix("__c") == relationship.strip_suffix("__r")
                    && relationship.ends_with("__r")
        }
    };
    leads || field.overrides.iter().any(|it| it.field == name)
}

fn unmapped(drift: &SchemaDrift) -> SchemaEffect {
    match drift {
        SchemaDrift::Appeared => SchemaEffect::MayBeRead,
        _ => SchemaEffect::Harmless,
    }
}

fn effect(field: &FieldMapping, drift: &SchemaDrift) -> SchemaEffect {
    match drift {
        SchemaDrift::Appeared => SchemaEffect::MayBeRead,
        SchemaDrift::Vanished if field.presence == Presence::Required => SchemaEffect::StopsReading,
        SchemaDrift::Vanished => SchemaEffect::BecomesAbsent,
        SchemaDrift::Retyped { .. } => SchemaEffect::ValuesMayNotFit,
        SchemaDrift::Writable(false) if field.write => SchemaEffect::WritesRefused,
        SchemaDrift::Writable(_) => SchemaEffect::Harmless,
        SchemaDrift::ValuesAdded(added) if added.iter().any(|it| field.from_crm(it).is_none()) => {
            SchemaEffect::ValuesUnmapped
        }
        SchemaDrift::ValuesRemoved(removed)
            if field.write && removed.iter().any(|it| is_written(field, it)) =>
        {
            SchemaEffect::WritesRefused
        }
        SchemaDrift::ValuesAdded(_) | SchemaDrift::ValuesRemoved(_) => SchemaEffect::Harmless,
    }
}

/// Whether a value of theirs is one that we may write.
fn is_written(field: &FieldMapping, theirs: &str) -> bool {
    field.from_crm(theirs).is_some_and(|ours| field.to_crm(ours) == Some(theirs))
}

#[cfg(test)]
mod tests {
    use domain::fields::RecordKind;

    use super::*;
    use crate::mapping::Mapping;

    fn field(kind: &str, is_writable: bool, values: &[&str]) -> FieldDescription {
        let values = values.iter().map(|it| (*it).to_owned()).collect();
        FieldDescription { kind: kind.to_owned(), is_writable, values }
    }

    fn check(
        name: &str,
        before: Option<FieldDescription>,
        now: Option<FieldDescription>,
        expected: &[(SchemaDrift, SchemaEffect)],
    ) {
        let text = r#"[lead]
            object = "Lead"
            [lead.fields]
            company = { field = "Company", required = true }
            title = "Title"
            stage = { field = "Status", write = false, values = { "Open" = "NEW" } }
            source_channel = "LeadSource""#;
        let mapping = Mapping::parse(text).unwrap();
        let object = |it: Option<FieldDescription>| ObjectDescription {
            fields: it.into_iter().map(|it| (name.to_owned(), it)).collect(),
        };
        let found = drift(mapping.of(RecordKind::Lead).unwrap(), &object(before), &object(now));
        let found: Vec<_> = found.into_iter().map(|it| (it.drift, it.effect)).collect();
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn each_change_says_what_it_means() {
        use SchemaDrift::*;
        use SchemaEffect::*;
        let text = || Some(field("string", true, &[]));
        check("Title", text(), text(), &[]);
        check("Title", text(), None, &[(Vanished, BecomesAbsent)]);
        check("Company", text(), None, &[(Vanished, StopsReading)]);
        check("Other__c", text(), None, &[(Vanished, SchemaEffect::Harmless)]);
        check("Other__c", None, text(), &[(Appeared, MayBeRead)]);
        let retyped = Retyped { from: "string".to_owned(), to: "double".to_owned() };
        check("Title", text(), Some(field("double", true, &[])), &[(retyped, ValuesMayNotFit)]);
        check("Title", text(), Some(field("string", false, &[])), &[(Writable(false), WritesRefused)]);
        let list = |values: &[&str]| Some(field("picklist", true, values));
        let added = ValuesAdded(vec!["Nurturing".to_owned()]);
        check("Status", list(&["Open"]), list(&["Open", "Nurturing"]), &[(added.clone(), ValuesUnmapped)]);
        check("LeadSource", list(&["Web"]), list(&["Web", "Nurturing"]), &[(added, SchemaEffect::Harmless)]);
        let removed = ValuesRemoved(vec!["Web".to_owned()]);
        check("LeadSource", list(&["Web"]), list(&[]), &[(removed, WritesRefused)]);
    }
}
