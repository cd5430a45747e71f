//! The numbers of KPIs that are policy and not formula.
//!
//! Defaults are those of the glossary; a stored policy may say otherwise, and unknown keys in it are refused.

use chrono::TimeDelta;

use super::fraction::Fraction;

/// Numbers a channel may choose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct KpiSettings {
    /// Days without access after which a partner is silent.
    pub silent_after_days: i64,
    /// Days before the end in which one productive action makes a partner active.
    pub active_within_days: i64,
    /// Scores below this are low.
    pub low_score_below: u32,
    /// Days after acceptance in which a lead counts as converted.
    pub conversion_days: i64,
    /// Days before the won date in which a touch influences and a view counts.
    pub influence_days: i64,
    /// Days before the priority time in which direct activity takes the sourcing away.
    pub roe_idle_days: i64,
    /// Days within which a lapsed contract may be renewed without counting as lost.
    pub renewal_grace_days: i64,
    /// Longest pause, in minutes, within one session of searching.
    pub search_gap_minutes: i64,
    /// Minutes after the last search in which an article resolves it.
    pub resolved_within_minutes: i64,
    /// Hours after the last search in which an inquiry says that it was not resolved.
    pub inquiry_within_hours: i64,
    /// Seconds from which an article counts as read.
    pub read_from_seconds: u32,
    /// Idle minutes after which a chat session is closed.
    pub chat_idle_minutes: i64,
    /// Self-help contacts of a month from which the component is full.
    pub self_help_full: u32,
    /// Complete weeks in which logins are looked for.
    pub login_weeks: u32,
    /// Weights of the engagement score.
    pub score_weights: ScoreWeights,
}

/// Weights of the components of the engagement score, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ScoreWeights {
    /// Support consumption.
    pub consumption: u32,
    /// Training completion.
    pub training: u32,
    /// Login regularity.
    pub logins: u32,
    /// Use of a proposal tool.
    pub proposal_tool: u32,
    /// FAQ views and AI chats.
    pub self_help: u32,
}

impl Default for ScoreWeights {
    fn default() -> Self {
        Self { consumption: 30, training: 25, logins: 20, proposal_tool: 15, self_help: 10 }
    }
}

impl Default for KpiSettings {
    fn default() -> Self {
        Self {
            silent_after_days: 21,
            active_within_days: 90,
            low_score_below: 40,
            conversion_days: 90,
            influence_days: 90,
            roe_idle_days: 30,
            renewal_grace_days: 30,
            search_gap_minutes: 10,
            resolved_within_minutes: 30,
            inquiry_within_hours: 24,
            read_from_seconds: 10,
            chat_idle_minutes: 30,
            self_help_full: 10,
            login_weeks: 4,
            score_weights: ScoreWeights::default(),
        }
    }
}

impl KpiSettings {
    /// How long before the won date touches and views count.
    pub fn influence(&self) -> TimeDelta {
        TimeDelta::days(self.influence_days)
    }

    /// The score below which a partner is low.
    pub fn low_score(&self) -> Fraction {
        Fraction::from(i128::from(self.low_score_below))
    }
}

#[cfg(test)]
mod tests {
    use super::KpiSettings;

    #[test]
    fn a_policy_names_only_what_it_changes() {
        let settings: KpiSettings = serde_json::from_str(r#"{"silentAfterDays": 30}"#).unwrap();
        assert_eq!((settings.silent_after_days, settings.low_score_below), (30, 40));
        assert!(serde_json::from_str::<KpiSettings>(r#"{"silentAfter": 30}"#).is_err());
    }
}
