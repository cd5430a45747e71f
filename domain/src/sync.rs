//! Runs of a synchronisation, and the ways a record can fail in one.

crate::codes! {
    /// What a run sets out to read.
    pub enum SyncMode {
        Incremental("差分", "Incremental"),
        Full("全件", "Full"),
        Reconcile("照合", "Reconcile"),
        Backfill("遡及", "Backfill"),
    }

    /// How a run ended.
    pub enum SyncRunState {
        Running("実行中", "Running"),
        Succeeded("成功", "Succeeded"),
        Failed("失敗", "Failed"),
    }

    /// What kind of failure it was.
    pub enum SyncErrorCategory {
        Auth("認証", "Authentication"),
        RateLimit("呼出制限", "Rate limit"),
        Validation("入力規則", "Validation"),
        DuplicateRule("重複規則", "Duplicate rule"),
        Permission("権限", "Permission"),
        NotFound("対象なし", "Not found"),
        Conflict("競合", "Conflict"),
        Schema("項目定義", "Schema"),
        Transport("通信", "Transport"),
        Horizon("期限超過", "Horizon"),
        Unknown("不明", "Unknown"),
    }

    /// Which way a record was going.
    pub enum SyncDirection {
        Inbound("取込", "Inbound"),
        Outbound("書き戻し", "Outbound"),
    }

    /// Where a logged failure stands.
    pub enum SyncErrorState {
        Open("未対応", "Open"),
        Retrying("再試行中", "Retrying"),
        Resolved("解決", "Resolved"),
        Ignored("無視", "Ignored"),
    }

    /// Whether a source record still stands in its source.
    pub enum LinkState {
        Live("有効", "Live"),
        Deleted("削除", "Deleted"),
    }
}
