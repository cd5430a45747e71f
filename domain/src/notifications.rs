//! Messages to people who are not looking: what they are about, where they go, and when sending is tried again. Pure.
//!
//! When a message may be sent is `alerts::QuietHours`. Not here: the words (`gateway`), and sending.

use chrono::TimeDelta;

crate::codes! {
    /// Where a message goes.
    pub enum NotificationChannel {
        Email("メール", "E-mail"),
        Slack("Slack", "Slack"),
        Teams("Microsoft Teams", "Microsoft Teams"),
    }

    /// Where a message stands (domain model, section 5.7).
    pub enum NotificationState {
        Queued("送信待ち", "Queued"),
        Sent("送信済み", "Sent"),
        Failed("再送待ち", "Waits for another attempt"),
        Dead("送信断念", "Given up"),
    }

    /// What a message is about.
    pub enum NotificationTopic {
        ContractReminder("契約更新の通知期限", "Notice deadline of a contract"),
        RegistrationDecided("案件登録の審査結果", "Decision on a deal registration"),
        RegistrationExpiring("案件登録の保護期限", "End of a deal registration's protection"),
        RegistrationOverdue("案件登録の審査遅延", "Overdue decision on a deal registration"),
        ConflictRaised("チャネル競合の発生", "A channel conflict"),
        ConflictDecided("チャネル競合の裁定", "Verdict on a channel conflict"),
        LeadOffered("リードの打診", "A lead offered to a partner"),
        LeadIdle("リードの未着手", "An accepted lead that nobody has begun to work"),
        SupportAssigned("支援コンテンツの割当", "Support content given to a partner"),
        CertificationOver("認定の失効", "A certification that is over"),
        TerritoryOverlap("専任エリアの重なり", "Exclusive territories that overlap"),
        AlertRaised("パートナーのアラート", "An alert about a partner"),
    }
}

/// Attempts after which a message is given up.
pub const MOST_ATTEMPTS: i32 = 8;
/// The wait after the first failure; it doubles with each.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);

/// How long to wait after so many failed attempts; `None` when the message is given up, about two hours after the first one.
pub fn wait_after(attempts: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default();
    (attempts < MOST_ATTEMPTS).then(|| FIRST_WAIT * 2_i32.pow(doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_after_two_hours() {
        let minutes: Vec<_> = (1..=8).map(|it| wait_after(it).map(|it| it.num_minutes())).collect();
        let expected = [Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(64), None];
        assert_eq!(minutes, expected);
        assert_eq!(minutes.into_iter().flatten().sum::<i64>(), 127);
    }
}
