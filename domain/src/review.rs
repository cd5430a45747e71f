//! Decisions asked of people.

crate::codes! {
    /// What a person is asked to decide.
    pub enum ReviewKind {
        Match("名寄せ候補", "Possible duplicate"),
        SourceMerge("連携元での統合", "Merged in the source"),
        FieldConflict("項目の不一致", "Field conflict"),
        StalePin("古い手動固定", "Stale pin"),
        UnmergeAmbiguous("統合解除の未決", "Ambiguous unmerge"),
        ChannelConflict("チャネルコンフリクト", "Channel conflict"),
        AssignmentFailed("割当失敗", "Assignment failed"),
        WriteBackFailed("書き戻し失敗", "Write-back failed"),
        Loop("更新ループの疑い", "Suspected loop"),
        DeleteHorizon("削除期限超過", "Delete horizon passed"),
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
}
