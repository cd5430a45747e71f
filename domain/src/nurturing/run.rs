//! One partner's run through one scenario: which step is next and when, and how it ended.

use chrono::{DateTime, TimeDelta, Utc};

use super::business_hours::BusinessHours;
use super::scenario::{ExitOn, Scenario, Step};
use crate::calendar::CalendarEnds;
use crate::ids::PartnerId;

/// Days after the end of a run in which a productive action makes it a success.
const REACTIVATED_WITHIN: TimeDelta = TimeDelta::days(30);

crate::codes! {
    /// Where a run stands.
    pub enum RunStatus {
        Running("実行中", "Running"),
        Exited("終了", "Ended early"),
        Completed("完了", "All steps done"),
    }

    /// What came of a run.
    pub enum RunOutcome {
        Reactivated("再活性化", "Reactivated"),
        NotReactivated("反応なし", "Not reactivated"),
        Pending("判定待ち", "Too early to tell"),
    }
}

/// How a run ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Why.
    pub on: ExitOn,
    /// When.
    pub at: DateTime<Utc>,
}

/// One partner's run through one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The code of the scenario.
    pub scenario: String,
    /// Who is cared for.
    pub partner: PartnerId,
    /// When it began.
    pub enrolled_at: DateTime<Utc>,
    /// How many steps are done, and when the last was.
    pub done: Vec<DateTime<Utc>>,
    /// When the next step is due; `None` when there is none.
    pub next_at: Option<DateTime<Utc>>,
    /// How it ended early, if it did.
    pub exit: Option<Exit>,
}

/// Why a run does not begin or go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RunRefusal {
    /// One is enough.
    #[error("the partner is in a run of `{0}` already; end it before you start another")]
    RunExists(String),
    /// It is over.
    #[error("the run is over; start another when its trigger holds again")]
    RunOver,
    /// A scenario that does not end so.
    #[error("a run of `{scenario}` does not end on {exit}; end it by hand")]
    ExitNotForeseen {
        /// The scenario.
        scenario: String,
        /// What was to end it.
        exit: ExitOn,
    },
    /// Nobody knows the holidays of that time.
    #[error(transparent)]
    CalendarEnds(#[from] CalendarEnds),
}

impl Run {
    /// Begins a run, unless the partner is in one of the same scenario.
    pub fn enrol(
        scenario: &Scenario,
        partner: PartnerId,
        runs: &[Self],
        hours: &BusinessHours<'_>,
        at: DateTime<Utc>,
    ) -> Result<Self, RunRefusal> {
        let is_same = |it: &&Self| it.partner == partner && it.scenario == scenario.code;
        if runs.iter().filter(is_same).any(|it| it.status() == RunStatus::Running) {
            return Err(RunRefusal::RunExists(scenario.code.clone()));
        }
        let first = scenario.steps.first().map(|it| hours.after(at, it.wait_business_hours)).transpose()?;
        let scenario = scenario.code.clone();
        Ok(Self { scenario, partner, enrolled_at: at, done: Vec::new(), next_at: first, exit: None })
    }

    /// Where it stands.
    pub fn status(&self) -> RunStatus {
        match (self.exit, self.next_at) {
            (Some(_), _) => RunStatus::Exited,
            (None, Some(_)) => RunStatus::Running,
            (None, None) => RunStatus::Completed,
        }
    }

    /// Takes the step that is due, if one is, and says which; the next one waits from now.
    ///
    /// However late it is called, one call takes one step: a partner is not flooded after an outage.
    pub fn advance<'a>(
        &mut self,
        scenario: &'a Scenario,
        hours: &BusinessHours<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<&'a Step>, RunRefusal> {
        let is_due =
            self.exit.is_none() && self.next_at.is_some_and(|it| it <= now) && hours.is_working(now)?;
        let Some(step) = scenario.steps.get(self.done.len()).filter(|_| is_due) else { return Ok(None) };
        let next = scenario.steps.get(self.done.len() + 1);
        self.next_at = next.map(|it| hours.after(now, it.wait_business_hours)).transpose()?;
        self.done.push(now);
        Ok(Some(step))
    }

    /// Ends it early.
    pub fn end(&mut self, scenario: &Scenario, on: ExitOn, at: DateTime<Utc>) -> Result<(), RunRefusal> {
        if self.status() != RunStatus::Running {
            return Err(RunRefusal::RunOver);
        }
        if !scenario.exits_on(on) {
            return Err(RunRefusal::ExitNotForeseen { scenario: scenario.code.clone(), exit: on });
        }
        self.exit = Some(Exit { on, at });
        self.next_at = None;
        Ok(())
    }

    /// When it ended; `None` while it runs.
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self.status() {
            RunStatus::Running => None,
            RunStatus::Exited => self.exit.map(|it| it.at),
            RunStatus::Completed => self.done.last().copied(),
        }
    }

    /// What came of it: reactivated when a productive action followed within 30 days of its end.
    ///
    /// An action while it still ran counts as well. A login alone does not.
    pub fn outcome(&self, productive: &[DateTime<Utc>], now: DateTime<Utc>) -> RunOutcome {
        let until = self.ended_at().map(|it| it + REACTIVATED_WITHIN);
        let followed = |it: &DateTime<Utc>| self.enrolled_at <= *it && until.is_none_or(|until| *it <= until);
        if productive.iter().any(|it| *it <= now && followed(it)) {
            RunOutcome::Reactivated
        } else if until.is_some_and(|it| it < now) {
            RunOutcome::NotReactivated
        } else {
            RunOutcome::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::scenario::tests::wake_up;
    use super::*;
    use crate::calendar::Calendar;
    use crate::kpis::worked::{day, partner_id};

    fn instant(text: &str) -> DateTime<Utc> {
        format!("{text}:00+09:00").parse().unwrap()
    }

    /// A run begun at the instant of silence, 00:00 of Wednesday 2026-07-01.
    fn with_run<T>(act: impl FnOnce(&Scenario, &BusinessHours<'_>, Run) -> T) -> T {
        let (calendar, quiet_days) = (Calendar::default(), BTreeSet::new());
        let hours = BusinessHours { calendar: &calendar, quiet_days: &quiet_days };
        let scenario = wake_up();
        let run = Run::enrol(&scenario, partner_id(4), &[], &hours, day("2026-07-01")).unwrap();
        act(&scenario, &hours, run)
    }

    #[test]
    fn steps_wait_for_business_hours() {
        with_run(|scenario, hours, mut run| {
            assert_eq!(run.next_at, Some(instant("2026-07-01T09:00")));
            assert_eq!(run.advance(scenario, hours, instant("2026-07-01T08:59")), Ok(None));
            let taken = run.advance(scenario, hours, instant("2026-07-01T09:00")).unwrap().unwrap();
            assert_eq!(taken.content, "we-miss-you");
            assert_eq!(run.next_at, Some(instant("2026-07-02T18:00")), "eighteen hours of work");
        });
    }

    #[test]
    fn a_late_call_takes_one_step_and_none_at_night() {
        with_run(|scenario, hours, mut run| {
            assert_eq!(run.advance(scenario, hours, instant("2026-07-10T22:00")), Ok(None));
            assert!(run.advance(scenario, hours, instant("2026-07-13T10:00")).unwrap().is_some());
            assert_eq!(run.advance(scenario, hours, instant("2026-07-13T10:00")), Ok(None));
        });
    }

    #[test]
    fn one_partner_has_one_run_of_a_scenario() {
        with_run(|scenario, hours, mut run| {
            let again = |run: &Run| {
                Run::enrol(scenario, partner_id(4), std::slice::from_ref(run), hours, day("2026-07-02"))
            };
            assert_eq!(again(&run), Err(RunRefusal::RunExists("WAKE_UP".to_owned())));
            run.end(scenario, ExitOn::Access, day("2026-07-02")).unwrap();
            assert!(again(&run).is_ok());
        });
    }

    #[test]
    fn access_ends_it_and_nothing_follows() {
        with_run(|scenario, hours, mut run| {
            run.end(scenario, ExitOn::Access, instant("2026-07-01T10:00")).unwrap();
            assert_eq!(run.advance(scenario, hours, instant("2026-07-01T11:00")), Ok(None));
            assert_eq!(
                run.end(scenario, ExitOn::Manual, instant("2026-07-01T12:00")),
                Err(RunRefusal::RunOver)
            );
        });
    }

    #[test]
    fn what_the_scenario_does_not_foresee_does_not_end_it_but_a_person_may() {
        with_run(|scenario, _, mut run| {
            let stubborn = Scenario { exits: [ExitOn::Access].into(), ..scenario.clone() };
            let refusal = run.end(&stubborn, ExitOn::ExpectedAction, day("2026-07-02"));
            assert!(matches!(refusal, Err(RunRefusal::ExitNotForeseen { .. })));
            assert_eq!(run.end(&stubborn, ExitOn::Manual, day("2026-07-02")), Ok(()));
        });
    }

    #[test]
    fn it_is_a_success_when_work_follows_within_thirty_days() {
        with_run(|scenario, _, mut run| {
            run.end(scenario, ExitOn::Access, day("2026-07-02")).unwrap();
            let outcome = |productive: &str, now: &str| run.outcome(&[day(productive)], day(now));
            assert_eq!(outcome("2026-08-01", "2026-08-02"), RunOutcome::Reactivated);
            assert_eq!(outcome("2026-08-02", "2026-08-03"), RunOutcome::NotReactivated, "the 31st day");
            assert_eq!(outcome("2026-06-30", "2026-07-20"), RunOutcome::Pending, "before it began");
        });
    }

    #[test]
    fn all_steps_done_complete_it() {
        with_run(|scenario, hours, mut run| {
            for at in ["2026-07-01T09:00", "2026-07-03T10:00", "2026-07-09T10:00"] {
                assert!(run.advance(scenario, hours, instant(at)).unwrap().is_some(), "{at}");
            }
            assert_eq!(
                (run.status(), run.ended_at()),
                (RunStatus::Completed, Some(instant("2026-07-09T10:00")))
            );
        });
    }
}
