//! What was found, in numbers. Lists are sorted, so that equal effects are equal findings.

use async_graphql::SimpleObject;
use domain::fields::RecordKind;
use domain::review::ReviewKind;
use mastering::survivorship::steps::Step;
use serde::{Deserialize, Serialize};

use crate::conflicts::dry_run::VerdictFindings;
use crate::distribution::dry_run::RankingFindings;

/// What a policy version changes, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffect")]
pub struct Findings {
    /// Golden records looked at.
    pub records: i64,
    /// Those of which at least one field is served otherwise, or for another reason.
    pub records_changed: i64,
    /// Changes by field.
    pub fields: Vec<FieldChanges>,
    /// Changes by the rules that decide before and after.
    pub rules: Vec<RuleChanges>,
    /// Values that are written back because of the change.
    pub write_backs: Vec<WriteBackCount>,
    /// Merges made.
    pub merges: Vec<KindCount>,
    /// Merges undone.
    pub splits: Vec<KindCount>,
    /// Review tasks raised and closed.
    pub tasks: Vec<TaskCount>,
    /// Leads whose company leads to another account than before, or to none.
    #[serde(default)]
    pub leads_relinked: i64,
    /// What a conflict policy changes about verdicts; null for other policies.
    #[serde(default)]
    pub verdicts: Option<VerdictFindings>,
    /// What a distribution policy changes about rankings; null for other policies.
    #[serde(default)]
    pub rankings: Option<RankingFindings>,
}

/// Changes of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnField")]
pub struct FieldChanges {
    /// The kind of record.
    pub kind: RecordKind,
    /// The field, as policies name it.
    pub field: String,
    /// Records that are served another value.
    pub values: i64,
    /// Records that are served the same value from another source or by another rule.
    pub reasons: i64,
}

/// Changes from one deciding rule to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnRule")]
pub struct RuleChanges {
    /// The kind of record.
    pub kind: RecordKind,
    /// The rule that decides now; null when nothing is settled.
    pub before: Option<Step>,
    /// The rule that would decide; null when nothing would be settled.
    pub after: Option<Step>,
    /// Fields of records that change so.
    pub count: i64,
}

/// Values that one system is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnSystem")]
pub struct WriteBackCount {
    /// The system.
    pub system: String,
    /// The kind of record.
    pub kind: RecordKind,
    /// The field, as policies name it.
    pub field: String,
    /// Records of the system.
    pub count: i64,
}

/// A number of records of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnKind")]
pub struct KindCount {
    /// The kind of record.
    pub kind: RecordKind,
    /// How many.
    pub count: i64,
}

/// Review tasks of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnReviews")]
pub struct TaskCount {
    /// What is asked.
    pub task: ReviewKind,
    /// Tasks raised.
    pub raised: i64,
    /// Tasks that are moot.
    pub closed: i64,
}
