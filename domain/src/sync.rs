//! Runs of a synchronisation, the ways a record can fail in one, and when it is tried again.

use chrono::TimeDelta;

crate::codes! {
    /// What a run sets out to read.
    pub enum SyncMode {
        Incremental("差分", "Incremental"),
        Full("全件", "Full"),
        Reconcile("照合", "Reconcile"),
        Backfill("遡及", "Backfill"),
        Targeted("対象指定", "Targeted"),
        Computed("計算項目", "Computed fields"),
    }

    /// How an object was read; of several ways the last one in this list tells most.
    pub enum ReadMethod {
        Pages("ページ単位", "Page by page"),
        Ids("キー照合", "By comparing ids"),
        Bulk("一括ジョブ", "By a bulk job"),
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

    /// Where a change stands that a system is to be told of.
    pub enum OutboundState {
        /// Waits for its turn.
        Pending("送信待ち", "Pending"),
        /// On its way; whether it has arrived is not known yet.
        Sending("送信中", "Sending"),
        /// The system says what it was told.
        Accepted("受理", "Accepted"),
        /// The system will not have it.
        Refused("拒否", "Refused"),
        /// Held back, because the system and we keep overwriting each other.
        Held("保留", "Held back"),
        /// No longer to be told.
        Superseded("不要", "Superseded"),
    }

    /// What a system is to do with a record.
    pub enum OutboundOperation {
        Create("作成", "Make it"),
        Update("更新", "Change it"),
    }

    /// Where something stands that a source pushed to us.
    pub enum DeliveryState {
        Waiting("待機中", "Waiting"),
        Done("完了", "Done"),
        Failed("失敗", "Failed"),
    }

    /// What changed about a field of a source.
    pub enum DriftKind {
        Appeared("追加", "New, or shown to us again"),
        Vanished("消滅", "Removed, or hidden from us"),
        Retyped("型変更", "Has another type"),
        BecameWritable("書込可", "May be written now"),
        BecameReadOnly("書込不可", "May no longer be written"),
        ValuesAdded("選択値追加", "Its list has new values"),
        ValuesRemoved("選択値削除", "Its list lost values"),
    }

    /// What a change of a field means for the mapping.
    pub enum DriftEffect {
        Harmless("影響なし", "Nothing"),
        MayBeRead("読取可", "It may be mapped now, or says something again"),
        BecomesAbsent("値なし", "It says nothing from now on; what is known stays"),
        StopsReading("読取停止", "Nothing of the object can be read: the mapping requires the field"),
        ValuesMayNotFit("値不適合の恐れ", "Its values may no longer fit; those that do not fail their record"),
        ValuesUnmapped("未対応値", "Values arrive that the mapping does not know; they are left out and logged"),
        WritesRefused("書込拒否", "Values that we write are refused"),
    }

    /// Whether requests are sent to a source.
    pub enum CircuitState {
        Closed("正常", "Requests are sent"),
        Open("遮断", "The source is down and left alone"),
        HalfOpen("試行中", "One request at a time, to see whether it is back"),
    }

    /// Whether a source record still stands in its source.
    pub enum LinkState {
        Live("有効", "Live"),
        Deleted("削除", "Deleted"),
    }
}

impl SyncErrorCategory {
    /// Whether trying again changes nothing before somebody has acted: on the record, the mapping or the rights.
    pub fn is_permanent(self) -> bool {
        use SyncErrorCategory::*;
        matches!(self, Validation | DuplicateRule | Permission | NotFound | Schema)
    }
}

impl SyncErrorState {
    /// States in which something is still to be done.
    pub const UNSETTLED: [Self; 2] = [Self::Open, Self::Retrying];
}

/// The wait before the second attempt.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// The longest wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// How long a record waits that has failed so often: twice as long each time, up to six hours, give or take a tenth
/// that `chance` decides, so that records which failed together do not come back together.
pub fn wait_after(attempts: u32, chance: u64) -> TimeDelta {
    let doubled = FIRST_WAIT * 2_i32.pow(attempts.saturating_sub(1).min(16));
    let wait = doubled.min(LONGEST_WAIT);
    let tenth = wait.num_seconds() / 10;
    let spread = i64::try_from(chance % 201).unwrap_or_default() - 100;
    wait + TimeDelta::seconds(tenth * spread / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_six_hours() {
        let even = |attempts| wait_after(attempts, 100);
        assert_eq!(even(1), TimeDelta::minutes(1));
        assert_eq!(even(4), TimeDelta::minutes(8));
        assert_eq!([even(10), even(u32::MAX)], [TimeDelta::hours(6); 2]);
    }

    #[test]
    fn records_that_failed_together_come_back_apart() {
        assert_eq!(wait_after(4, 0), TimeDelta::seconds(432));
        assert_eq!(wait_after(4, 200), TimeDelta::seconds(528));
    }
}
