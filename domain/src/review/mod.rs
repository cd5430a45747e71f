//! Decisions asked of people: what is asked, what may be answered, and how a task goes through people's hands.
//!
//! Here: the kinds of question with their answers (`decision`), the life of a task with its guards (`life`), which
//! task comes first (`stakes`). Pure: who decides and when are arguments.
//! Not here: what an answer does (`gateway`), when a question is asked (`gateway`, by the verdicts of `mastering`).

mod decision;
mod life;
mod stakes;

pub use decision::{InvalidReason, Reason, ReviewDecision};
pub use life::{Claim, LEASE, ReviewRefusal, Ruling, Standing, Vote};
pub use stakes::Stakes;

crate::codes! {
    /// What a person is asked to decide.
    pub enum ReviewKind {
        Match("名寄せ候補", "Possible duplicate"),
        SourceMerge("連携元での統合", "Merged in the source"),
        FieldConflict("項目の不一致", "Field conflict"),
        StalePin("古い手動固定", "Stale pin"),
        Unmerge("統合解除", "Unmerge"),
        UnmergeAmbiguous("統合解除の未決", "Ambiguous unmerge"),
        ChannelConflict("チャネルコンフリクト", "Channel conflict"),
        AssignmentFailed("割当失敗", "Assignment failed"),
        WriteBackFailed("書き戻し失敗", "Write-back failed"),
        Loop("更新ループの疑い", "Suspected loop"),
        DeleteHorizon("削除期限超過", "Delete horizon passed"),
        SourceAccess("連携元の接続拒否", "Source refuses us"),
    }

    /// What a person says about two records.
    pub enum MatchAnswer {
        Same("同一", "The same"),
        Different("別", "Different"),
    }

    /// Where a task stands.
    pub enum ReviewState {
        Open("未着手", "Open"),
        Claimed("対応中", "Claimed"),
        Decided("判断済", "Decided"),
        Applied("反映済", "Applied"),
        Failed("失敗", "Failed"),
        Superseded("不要", "Superseded"),
    }

    /// What happened to a task.
    pub enum ReviewAction {
        Proposed("提案", "Proposed"),
        Selected("一括判断の対象", "Selected for a decision on many"),
        Claimed("着手", "Claimed"),
        Renewed("着手延長", "Claim renewed"),
        Released("着手取消", "Released"),
        Decided("判断", "Decided"),
        Applied("反映", "Applied"),
        Failed("反映失敗", "Failed"),
        Superseded("不要化", "Superseded"),
        Reopened("再提起", "Reopened"),
    }

    /// How two records agree on a field.
    pub enum Agreement {
        Equal("一致", "Equal"),
        Equivalent("表記ゆれ", "The same, spelled differently"),
        Different("相違", "Different"),
        OnlyLeft("左のみ", "Only the left has a value"),
        OnlyRight("右のみ", "Only the right has a value"),
    }
}

impl ReviewState {
    /// The states in which a task waits for people. One that failed does: what stood in its way may be gone.
    pub const WAITING: [Self; 3] = [Self::Open, Self::Claimed, Self::Failed];

    /// Whether the task waits for people.
    pub fn is_waiting(self) -> bool {
        Self::WAITING.contains(&self)
    }
}
