//! The steps that decide between sources, and how each ranks a competitor.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::holds::HoldKind;
use domain::sources::SourceKey;

use super::competitor::{Competitor, SourceRank};

domain::codes! {
    /// A way to prefer one source over another, as a policy names it.
    pub enum Strategy {
        Recency("更新日時優先", "Most recent change"),
        SourceRank("ソース優先度", "Source rank"),
        Completeness("充足度優先", "Most complete"),
        MostRestrictive("最も制限的", "Most restrictive"),
        SetOnce("初回値固定", "Set once"),
    }

    /// What an explicitly empty value means.
    pub enum NullPolicy {
        Ignore("空値は無視", "Empty is ignored"),
        Wins("空値も有効", "Empty competes"),
        /// As `IGNORE`, and the field must not be emptied through the API either.
        Never("空値は不可", "Never empty"),
    }

    /// What decided, or where a loser lost.
    pub enum Step {
        Pin("手動固定", "Pin"),
        Lock("更新凍結", "Lock"),
        OnlySource("唯一の値", "Only source"),
        NullIgnored("空値は無視", "Empty value ignored"),
        Master("マスタ", "Master"),
        Recency("更新日時優先", "Most recent change"),
        SourceRank("ソース優先度", "Source rank"),
        Completeness("充足度優先", "Most complete"),
        MostRestrictive("最も制限的", "Most restrictive"),
        SetOnce("初回値固定", "Set once"),
        Sequence("後の観測", "Later observation"),
        SourceKey("ソースID順", "Order of source ids"),
        Erased("消去済み", "Erased"),
    }
}

impl From<Strategy> for Step {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Recency => Self::Recency,
            Strategy::SourceRank => Self::SourceRank,
            Strategy::Completeness => Self::Completeness,
            Strategy::MostRestrictive => Self::MostRestrictive,
            Strategy::SetOnce => Self::SetOnce,
        }
    }
}

impl From<HoldKind> for Step {
    fn from(kind: HoldKind) -> Self {
        match kind {
            HoldKind::Pin => Self::Pin,
            HoldKind::Lock => Self::Lock,
        }
    }
}

/// A competitor's place at one step; the least is best. Ranks of different steps are never compared.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank<'a> {
    Equal,
    Not(bool),
    Latest(Reverse<DateTime<Utc>>),
    Earliest(DateTime<Utc>),
    Source(SourceRank<'a>),
    Most(Reverse<usize>),
    Last(Reverse<i64>),
    Key(&'a SourceKey),
}

impl Step {
    pub(super) fn rank<'a>(self, competitor: &Competitor<'a>) -> Rank<'a> {
        match self {
            Self::Pin | Self::Lock | Self::OnlySource | Self::NullIgnored | Self::Erased => Rank::Equal,
            Self::Master => Rank::Not(!competitor.is_master),
            Self::Recency => Rank::Latest(Reverse(competitor.changed_at)),
            Self::SourceRank => Rank::Source(competitor.source_rank),
            Self::Completeness => Rank::Most(Reverse(competitor.filled)),
            Self::MostRestrictive => Rank::Not(competitor.is_permission),
            Self::SetOnce => Rank::Earliest(competitor.changed_at),
            Self::Sequence => Rank::Last(Reverse(competitor.sequence)),
            Self::SourceKey => Rank::Key(competitor.source.key),
        }
    }
}
