//! What a task is about, as it is stored with it.

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::SourceKey;
use entity::review::review_task::Model;
use mastering::matching::verdict::Verdict;
use serde::Deserialize;

use crate::golden::service::Unmerge;
use crate::platform::graphql::node_id::NodeType;

/// What every kind of question may say of its records.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Subject {
    /// One record, as its source names it.
    pub(super) left: Option<SourceKey>,
    /// The other.
    pub(super) right: Option<SourceKey>,
    /// What was found when they were compared.
    pub(super) verdict: Option<Verdict>,
    /// What is to be taken apart.
    pub(super) unmerge: Option<Unmerge>,
}

impl Subject {
    /// The subject of a task. One that another version wrote in a form of its own says nothing.
    pub(super) fn of(task: &Model) -> Self {
        serde_json::from_str(&task.subject).unwrap_or_default()
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

/// The type under which golden records of a kind have their global ids.
pub(super) fn node_type(kind: RecordKind) -> NodeType {
    match kind {
        RecordKind::Account => NodeType::Account,
        RecordKind::Contact => NodeType::Contact,
        RecordKind::Lead => NodeType::Lead,
        RecordKind::Opportunity => NodeType::Opportunity,
    }
}

/// The kind of golden record behind global ids of a type.
pub(super) fn record_kind(node_type: NodeType) -> Option<RecordKind> {
    RecordKind::ALL.iter().copied().find(|it| self::node_type(*it) == node_type)
}
