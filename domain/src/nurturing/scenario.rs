//! ナーチャリングシナリオ: the steps taken when something is wrong, as data.

use std::collections::BTreeSet;

use super::DiagnosisKind;

/// Most steps of a scenario.
const MAX_STEPS: usize = 20;

crate::codes! {
    /// What a step does.
    pub enum StepAction {
        Notify("通知", "Send a message"),
        AssignPackage("支援パッケージ割当", "Assign a support package"),
        AskManager("担当への依頼", "Ask the channel manager to call"),
        OfferMeeting("面談提案", "Offer a meeting"),
    }

    /// What ends a run early.
    pub enum ExitOn {
        Access("アクセス", "The partner came back"),
        ExpectedAction("期待行動", "The expected action followed"),
        Manual("手動", "Somebody ended it"),
    }
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// The partner became silent.
    Silent,
    /// Something was found to be wrong.
    Diagnosis(DiagnosisKind),
}

/// One step: first the wait, then the action.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Hours of work before it.
    pub wait_business_hours: u32,
    /// What it does.
    pub action: StepAction,
    /// With what: the code of a message or of a package.
    pub content: String,
}

/// A scenario.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// The stable code.
    pub code: String,
    /// What starts it.
    pub trigger: Trigger,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// What ends it early. It can always be ended by hand.
    pub exits: BTreeSet<ExitOn>,
}

/// Why a scenario is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScenario {
    /// Nothing to do.
    #[error("a scenario has 1 to {MAX_STEPS} steps; this one has {0}")]
    StepCount(usize),
    /// A step with nothing to send.
    #[error("step {0} needs `content`: the code of the message or package")]
    ContentMissing(usize),
    /// It would go on although the partner is back.
    #[error("a scenario for silent partners ends on access; add `ACCESS` to `exits`")]
    NoExitOnAccess,
}

impl Scenario {
    /// Checks that a scenario does something and ends.
    pub fn check(&self) -> Result<(), InvalidScenario> {
        if !(1..=MAX_STEPS).contains(&self.steps.len()) {
            return Err(InvalidScenario::StepCount(self.steps.len()));
        }
        if let Some(place) = self.steps.iter().position(|it| it.content.trim().is_empty()) {
            return Err(InvalidScenario::ContentMissing(place + 1));
        }
        let is_about_silence =
            matches!(self.trigger, Trigger::Silent | Trigger::Diagnosis(DiagnosisKind::Inactive));
        let ends = !is_about_silence || self.exits.contains(&ExitOn::Access);
        if ends { Ok(()) } else { Err(InvalidScenario::NoExitOnAccess) }
    }

    /// Whether something ends a run of it.
    pub fn exits_on(&self, exit: ExitOn) -> bool {
        exit == ExitOn::Manual || self.exits.contains(&exit)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn wake_up() -> Scenario {
        let text = r#"{
            "code": "WAKE_UP",
            "trigger": "silent",
            "steps": [
                { "waitBusinessHours": 0, "action": "NOTIFY", "content": "we-miss-you" },
                { "waitBusinessHours": 18, "action": "ASSIGN_PACKAGE", "content": "restart" },
                { "waitBusinessHours": 27, "action": "ASK_MANAGER", "content": "call" }
            ],
            "exits": ["ACCESS", "EXPECTED_ACTION"]
        }"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_scenario_is_data() {
        assert_eq!(wake_up().check(), Ok(()));
        let on_diagnosis = r#"{ "diagnosis": "INCOMPLETE" }"#;
        let trigger: Trigger = serde_json::from_str(on_diagnosis).unwrap();
        assert_eq!(trigger, Trigger::Diagnosis(DiagnosisKind::Incomplete));
    }

    #[test]
    fn one_that_does_nothing_or_never_ends_is_refused() {
        assert_eq!(Scenario { steps: vec![], ..wake_up() }.check(), Err(InvalidScenario::StepCount(0)));
        assert_eq!(
            Scenario { exits: BTreeSet::new(), ..wake_up() }.check(),
            Err(InvalidScenario::NoExitOnAccess)
        );
        let mut silent_step = wake_up();
        silent_step.steps[1].content = " ".to_owned();
        assert_eq!(silent_step.check(), Err(InvalidScenario::ContentMissing(2)));
    }
}
