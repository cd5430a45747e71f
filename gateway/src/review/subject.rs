//! What a task is about, as it is stored with it.

use chrono::{DateTime, Utc};
use domain::holds::HoldKind;
use domain::ids::{GoldenId, OutboundChangeId};
use domain::sources::SourceKey;
use entity::review::review_task::Model;
use mastering::matching::verdict::Verdict;
use serde::Deserialize;
use serde_json::Value;

use crate::golden::service::Unmerge;

/// What every kind of question may say of its records.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Subject {
    /// One record, as its source names it.
    pub(super) left: Option<SourceKey>,
    /// The other.
    pub(super) right: Option<SourceKey>,
    /// What was found when they were compared.
    pub(super) verdict: Option<Verdict>,
    /// The field in question, by its name in the catalogue.
    pub(super) field: Option<String>,
    /// What is to be taken apart.
    pub(super) unmerge: Option<Unmerge>,
    /// What was pinned or locked, when that is in question.
    pub(super) hold: Option<HoldKind>,
    /// The value that a pin has lost to.
    pub(super) lost: Option<Lost>,
    /// When records had become one that were taken apart.
    #[serde(rename = "joinedAt")]
    pub(super) joined_at: Option<DateTime<Utc>>,
    /// When they were taken apart.
    #[serde(rename = "partedAt")]
    pub(super) parted_at: Option<DateTime<Utc>>,
    /// The change in question, of those that systems are to be told of.
    pub(super) change: Option<OutboundChangeId>,
    /// What is served while a person has fixed the field.
    pub(super) pinned: Option<String>,
    /// What would be served otherwise.
    #[serde(rename = "wouldBe")]
    pub(super) would_be: Option<String>,
}

/// What a person pinned, where another pin counts.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Lost {
    /// The value; nothing for an empty one.
    pub(super) value: Option<String>,
}

impl Subject {
    /// The subject of a task. One that another version wrote in a form of its own says nothing.
    pub(super) fn of(task: &Model) -> Self {
        serde_json::from_str(&task.subject).unwrap_or_default()
    }

    /// The source records in question.
    pub(super) fn records(&self) -> Vec<&SourceKey> {
        match &self.unmerge {
            Some(wanted) => wanted.take_out.iter().collect(),
            None => [&self.left, &self.right].into_iter().flatten().collect(),
        }
    }

    /// Both records, where there are two.
    pub(super) fn pair(&self) -> Option<[&SourceKey; 2]> {
        Some([self.left.as_ref()?, self.right.as_ref()?])
    }
}

/// The golden records that a task named when it was asked.
pub(super) fn goldens(task: &Model) -> impl Iterator<Item = GoldenId> + use<> {
    [task.golden_id, task.other_golden_id].into_iter().flatten()
}

/// What a task says beyond its records and their comparison, as names and texts, in the order of the names.
pub(super) fn details(task: &Model) -> Vec<(String, String)> {
    let mut details = Vec::new();
    if let Ok(Value::Object(members)) = serde_json::from_str(&task.subject) {
        let others = members.iter().filter(|(name, _)| !RECORDS.contains(&name.as_str()));
        others.for_each(|(name, value)| flatten(name.clone(), value, &mut details));
    }
    details
}

/// What [`Subject`] reads.
const RECORDS: [&str; 4] = ["left", "right", "verdict", "unmerge"];

fn flatten(name: String, value: &Value, details: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => details.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => details.push((name, value.to_string())),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(place, it)| flatten(format!("{name}.{place}"), it, details));
        }
        Value::Object(members) => {
            members.iter().for_each(|(key, it)| flatten(format!("{name}.{key}"), it, details));
        }
    }
}
