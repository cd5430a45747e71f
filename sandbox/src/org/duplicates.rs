//! Duplicate rules: a record that says the same as another one in some fields is refused, or needs force.
//!
//! Here: the rules of this org and what they find. None unless the admin sets one: the demo's data has duplicates on
//! purpose. Not here: unique fields (`validate`).

use serde_json::{Value as Json, json};

use super::Org;
use super::record_id::RecordId;
use super::schema::{Object, Slot};
use super::value::Value;
use crate::rest::error::{ApiError, Code};

/// The most matches an answer names.
const MOST_MATCHES: usize = 10;

/// A rule of the org's administrator.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// The object, such as `Lead`.
    pub object: String,
    /// Text fields that all have to agree, whatever their letter case. Empty ones agree with nothing.
    pub fields: Vec<String>,
    /// Whether a client may save all the same, by `Sforce-Duplicate-Rule-Header`.
    #[serde(default)]
    pub allow_save: bool,
}

impl DuplicateRule {
    /// A rule that blocks.
    pub fn on(object: &str, fields: &[&str]) -> DuplicateRule {
        let fields = fields.iter().map(|it| (*it).to_owned()).collect();
        DuplicateRule { object: object.to_owned(), fields, allow_save: false }
    }
}

/// A rule whose names were found in the schema.
#[derive(Debug)]
pub(super) struct ActiveRule {
    object: Object,
    /// Places in the schema.
    fields: Vec<usize>,
    slots: Vec<u8>,
    allow_save: bool,
}

impl Org {
    /// Sets a rule in place of any other on its object. `false` when it names what is not there.
    pub(crate) fn set_duplicate_rule(&mut self, rule: &DuplicateRule) -> bool {
        let Some(object) = Object::named(&rule.object) else { return false };
        let fields = rule.fields.iter().map(|it| self.schema(object).index_of(it));
        let Some(fields) = fields.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty()) else {
            return false;
        };
        let stored = |it: &usize| match self.schema(object).fields[*it].slot {
            Slot::Stored(slot) => Some(slot),
            _ => None,
        };
        let Some(slots) = fields.iter().map(stored).collect::<Option<Vec<_>>>() else { return false };
        self.duplicate_rules.retain(|it| it.object != object);
        self.duplicate_rules.push(ActiveRule { object, fields, slots, allow_save: rule.allow_save });
        true
    }

    /// Refuses a record that a rule takes for a duplicate. An update is looked at only if it touches the rule's
    /// fields.
    pub(super) fn check_duplicates(
        &self,
        object: Object,
        own: Option<RecordId>,
        touched: &[usize],
        values: &[Value],
    ) -> Result<(), ApiError> {
        let concerns = |rule: &&ActiveRule| {
            rule.object == object && (own.is_none() || rule.fields.iter().any(|it| touched.contains(it)))
        };
        for rule in self.duplicate_rules.iter().filter(concerns) {
            let is_forced = rule.allow_save && self.request.forces_save;
            let found = if is_forced { Vec::new() } else { self.alike(rule, own, values) };
            if !found.is_empty() {
                return Err(detected(rule, &found));
            }
        }
        Ok(())
    }

    fn alike(&self, rule: &ActiveRule, own: Option<RecordId>, values: &[Value]) -> Vec<RecordId> {
        let folded = |it: &Value| if let Value::Text(text) = it { Some(text.to_lowercase()) } else { None };
        let wanted =
            rule.slots.iter().map(|slot| folded(&values[*slot as usize])).collect::<Option<Vec<_>>>();
        let Some(wanted) = wanted else { return Vec::new() };
        let is_alike = |record: &&super::table::Record| {
            let pairs = rule.slots.iter().zip(&wanted);
            !record.is_deleted
                && own != Some(record.id)
                && pairs
                    .clone()
                    .all(|(slot, text)| folded(&record.row.get(*slot).to_owned()).as_ref() == Some(text))
        };
        self.table(rule.object).iter().filter(is_alike).take(MOST_MATCHES).map(|it| it.id).collect()
    }
}

fn detected(rule: &ActiveRule, found: &[RecordId]) -> ApiError {
    let name = rule.object.name();
    let message = "Use one of these records?";
    let record = |id: &RecordId| {
        let url = format!("/services/data/v62.0/sobjects/{name}/{id}");
        json!({
            "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
            "record": {"attributes": {"type": name, "url": url}, "Id": id.to_string()},
        })
    };
    let records: Vec<Json> = found.iter().map(record).collect();
    let result = json!({
        "allowSave": rule.allow_save,
        "duplicateRule": format!("Standard_{name}_Duplicate_Rule"),
        "duplicateRuleEntityType": name,
        "errorMessage": message,
        "matchResults": [{
            "entityType": name, "errors": [], "matchEngine": "FuzzyMatchEngine",
            "rule": format!("Standard_{name}_Match_Rule_v1_0"), "size": records.len(), "success": true,
            "matchRecords": records,
        }],
    });
    ApiError { duplicates: Some(Box::new(result)), ..ApiError::new(Code::DuplicatesDetected, message) }
}
