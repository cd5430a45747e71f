//! Whether a mapping makes records in the CRM, changes them, or both.

use domain::fields::RecordKind;

use super::{MappingError, section};
use crate::connector::Writing;

/// Reads how records of a kind are written. Those that we make carry our key, or a lost answer would be answered by guessing.
pub(super) fn read(kind: RecordKind, given: Option<String>, has_key: bool) -> Result<Writing, MappingError> {
    let key = format!("{}.writing", section(kind));
    let writing = match given.as_deref() {
        None | Some("update-only") => Writing::UpdateOnly,
        Some("upsert") => Writing::Upsert,
        Some("create-only") => Writing::CreateOnly,
        Some(other) => return Err(MappingError::UnknownWriting { key, given: other.to_owned() }),
    };
    if writing.creates() && kind == RecordKind::Opportunity {
        return Err(MappingError::NeverMade { key });
    }
    if writing.creates() && !has_key {
        return Err(MappingError::NoFieldForOurKey {
            key,
            missing: format!("{}.external_id", section(kind)),
        });
    }
    Ok(writing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;

    fn lead(lines: &str) -> Result<Writing, String> {
        let text = format!("[lead]\nobject = \"Lead\"\n{lines}\nfields = {{ company = \"Company\" }}");
        let mapping = Mapping::parse(&text).map_err(|it| it.to_string())?;
        Ok(mapping.of(RecordKind::Lead).unwrap().writing)
    }

    #[test]
    fn records_are_only_changed_unless_the_mapping_says_otherwise() {
        assert_eq!(lead(""), Ok(Writing::UpdateOnly));
        assert_eq!(lead("external_id = \"Key__c\""), Ok(Writing::UpdateOnly));
        assert_eq!(lead("external_id = \"Key__c\"\nwriting = \"upsert\""), Ok(Writing::Upsert));
        assert_eq!(lead("external_id = \"Key__c\"\nwriting = \"create-only\""), Ok(Writing::CreateOnly));
        assert_eq!(Mapping::salesforce().of(RecordKind::Lead).unwrap().writing, Writing::UpdateOnly);
    }

    #[test]
    fn whoever_makes_records_needs_a_key_for_them() {
        let refused = lead("writing = \"upsert\"").unwrap_err();
        assert_eq!(
            refused,
            "`lead.writing` makes records, which needs a field for our key; name it in `lead.external_id`"
        );
        let refused = lead("writing = \"insert\"").unwrap_err();
        assert_eq!(refused, "`lead.writing` is `insert`; use update-only, upsert or create-only");
    }

    #[test]
    fn deals_begin_in_the_crm() {
        let text = "[opportunity]\nobject = \"Opportunity\"\nexternal_id = \"Key__c\"\nwriting = \"upsert\"\nfields = {}";
        let refused = Mapping::parse(text).unwrap_err();
        assert_eq!(refused, MappingError::NeverMade { key: "opportunity.writing".to_owned() });
    }
}
