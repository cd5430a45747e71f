//! Alerts: what somebody should look at now, said once.
//!
//! Here: rules as data with a dry run against history (`rule`), the life of an alert and why there is only one
//! (`life`), when a message may be sent (`quiet_hours`). Pure.
//! Not here: sending (`gateway`), the figures that rules look at (`kpis`).

mod life;
mod quiet_hours;
mod rule;

pub use life::{Alert, AlertChange, AlertRefusal, Finding, reconcile};
pub use quiet_hours::{QuietHours, Urgency};
pub use rule::{AlertRule, Comparator, Condition, DryRun, InvalidRule, Metrics, dry_run};

crate::codes! {
    /// Where an alert stands.
    pub enum AlertStatus {
        Open("未対応", "Open"),
        Acknowledged("対応中", "Acknowledged"),
        Resolved("解消", "Resolved"),
    }

    /// How much an alert matters.
    pub enum Severity {
        Information("情報", "Information"),
        Warning("注意", "Warning"),
        Critical("重大", "Critical"),
    }
}
