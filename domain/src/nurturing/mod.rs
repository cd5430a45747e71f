//! Caring for partners that drift away: what is wrong, what is done about it, and what came of it.
//!
//! Here: diagnoses with their evidence (`diagnosis`), scenarios as data (`scenario`), one partner's run through one
//! (`run`), waits over business hours (`business_hours`), interventions with figures before and after
//! (`intervention`), packages offered to the partner itself (`recommendation`). Pure.
//! Not here: sending messages, running on schedule (`gateway`), what a silent partner is (`kpis`).

mod business_hours;
mod diagnosis;
mod intervention;
mod recommendation;
mod run;
mod scenario;

pub use business_hours::BusinessHours;
pub use diagnosis::{Diagnosis, Evidence, PartnerState, diagnose};
pub use intervention::{BeforeAfter, Intervention};
pub use recommendation::{Recommendation, RecommendationRefusal, RecommendationStatus};
pub use run::{Exit, Run, RunOutcome, RunRefusal, RunStatus};
pub use scenario::{ExitOn, InvalidScenario, Scenario, Step, StepAction, Trigger};

crate::codes! {
    /// What is wrong at a partner.
    pub enum DiagnosisKind {
        NotDelivered("届いていない", "Nothing was looked at"),
        NotReachingSales("営業に届いていない", "Those who completed are not in sales"),
        Inactive("休眠", "No access for long"),
        Incomplete("未完了", "Overdue"),
    }
}
