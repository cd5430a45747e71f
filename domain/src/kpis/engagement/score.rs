//! エンゲージメントスコア: one number per partner from five components, and how many partners are low.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::consumption::{AssignmentFact, support_consumption_rate};
use super::training::{EnrolmentFact, training_completion_rate};
use super::usage::UsageFact;
use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::settings::{KpiSettings, ScoreWeights};
use crate::kpis::value::{Absence, Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::kpis::window::Window;

/// What is known of a partner, each between 0 and 1; `None` when it cannot be measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Components {
    /// 支援消化率.
    pub consumption: Option<Fraction>,
    /// トレーニング完了率.
    pub training: Option<Fraction>,
    /// Weeks with a login ÷ weeks looked at.
    pub logins: Option<Fraction>,
    /// 1 when a proposal tool was used.
    pub proposal_tool: Option<Fraction>,
    /// FAQ views and chats ÷ those from which it is full.
    pub self_help: Option<Fraction>,
}

/// What the components of one partner are made of.
#[derive(Debug, Clone, Copy)]
pub struct ScoreFacts<'a> {
    /// What the partner was given.
    pub assignments: &'a [AssignmentFact],
    /// The enrolments of its users.
    pub enrolments: &'a [EnrolmentFact],
    /// What it used in the period; `None` when it used nothing.
    pub usage: Option<&'a UsageFact>,
    /// When its users logged in, at least in the last complete weeks.
    pub logins: &'a [DateTime<Utc>],
    /// Whether it may use a proposal tool.
    pub has_proposal_tool: bool,
}

impl Components {
    /// The components of the one partner of a frame, at its end.
    pub fn of(frame: &Frame<'_>, facts: &ScoreFacts<'_>) -> Self {
        let used = |count: fn(&UsageFact) -> u32| facts.usage.map_or(0, count);
        let tool = i128::from(used(|it| it.proposal_tool_uses) > 0);
        Self {
            consumption: support_consumption_rate(frame, facts.assignments).value.ok(),
            training: training_completion_rate(frame, facts.enrolments).value.ok(),
            logins: login_regularity(facts.logins, frame.period.until(), frame.settings),
            proposal_tool: facts.has_proposal_tool.then_some(Fraction::from(tool)),
            self_help: self_help_component(used(UsageFact::self_help), frame.settings),
        }
    }

    fn weighed(&self, weights: &ScoreWeights) -> impl Iterator<Item = (Fraction, Fraction)> {
        let pairs = [
            (self.consumption, weights.consumption),
            (self.training, weights.training),
            (self.logins, weights.logins),
            (self.proposal_tool, weights.proposal_tool),
            (self.self_help, weights.self_help),
        ];
        pairs.into_iter().filter_map(|(component, weight)| Some((component?, Fraction::percent(weight))))
    }
}

/// The score of one partner: 100 × Σ weight × component ÷ Σ weight over what can be measured, a whole number.
pub fn engagement_score(partner: PartnerId, components: &Components, weights: &ScoreWeights) -> KpiValue {
    let achieved =
        components.weighed(weights).map(|(component, weight)| component * weight).sum::<Fraction>();
    let possible = components.weighed(weights).map(|(_, weight)| weight).sum::<Fraction>();
    let hundredfold = achieved * Fraction::from(100_usize);
    let mut value = KpiValue::quotient(
        Kpi::EngagementScore,
        Part::weighed(hundredfold, Subject::Partner, [partner]),
        Part::weighed(possible, Subject::Partner, [partner]),
    );
    value.value = value.value.map(whole).map_err(|_| Absence::NotMeasured);
    value
}

/// Active partners whose score is low. Their share stands beside it.
pub fn low_score_partners(frame: &Frame<'_>, components: &BTreeMap<PartnerId, Components>) -> KpiValue {
    let roster = frame.roster(Kpi::LowScorePartners);
    let nothing = Components::default();
    let score = |partner: &PartnerId| {
        let components = components.get(partner).unwrap_or(&nothing);
        engagement_score(*partner, components, &frame.settings.score_weights).value.ok()
    };
    let scores: Vec<_> = roster.admitted.iter().map(|it| (*it, score(it))).collect();
    let scored = scores.iter().filter_map(|(partner, score)| Some((*partner, (*score)?)));
    let low =
        scored.clone().filter(|(_, score)| *score < frame.settings.low_score()).map(|(partner, _)| partner);
    let unscored = scores.iter().filter(|(_, score)| score.is_none()).map(|(partner, _)| *partner);
    let all = Part::count(Subject::Partner, scored.clone().map(|(partner, _)| partner));
    KpiValue::count_among(Kpi::LowScorePartners, Part::count(Subject::Partner, low), all)
        .excluding(Exclusion::of(ExclusionReason::NoScore, Subject::Partner, unscored))
        .excluding(roster.exclusions)
}

/// Weeks with a login ÷ the last complete ISO weeks at an instant.
pub fn login_regularity(
    logins: &[DateTime<Utc>],
    at: DateTime<Utc>,
    settings: &KpiSettings,
) -> Option<Fraction> {
    let weeks = Window::last_complete_weeks(at, settings.login_weeks.into());
    let with_login = weeks.iter().filter(|week| logins.iter().any(|it| week.contains(*it)));
    Fraction::new(with_login.count() as i128, weeks.len() as i128)
}

/// FAQ views and chats, full from a number on.
pub fn self_help_component(contacts: u32, settings: &KpiSettings) -> Option<Fraction> {
    let full = settings.self_help_full;
    Fraction::new(contacts.min(full).into(), full.into())
}

fn whole(score: Fraction) -> Fraction {
    Fraction::from(score.rounded(0).mantissa())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::value::Aspect;
    use crate::kpis::worked::{day, figure, id, june, over_june, partner_id, partners};

    fn of(numerator: i128, denominator: i128) -> Option<Fraction> {
        Fraction::new(numerator, denominator)
    }

    /// The rows of the worked set: consumption, training, weeks with a login, tool, FAQ views and chats.
    fn worked() -> BTreeMap<PartnerId, Components> {
        let settings = KpiSettings::default();
        let row = |consumption, training, weeks, tool, contacts| Components {
            consumption,
            training,
            logins: of(weeks, 4),
            proposal_tool: of(tool, 1),
            self_help: self_help_component(contacts, &settings),
        };
        let rows = [
            row(of(10, 12), of(5, 5), 4, 1, 14),
            row(of(6, 10), of(3, 4), 4, 1, 6),
            row(of(3, 8), of(1, 4), 3, 1, 4),
            row(of(0, 6), of(0, 3), 1, 0, 0),
            row(of(0, 0), of(0, 0), 1, 0, 0),
        ];
        (1..).map(partner_id).zip(rows).collect()
    }

    #[test]
    fn scores_are_those_of_the_worked_set() {
        let weights = ScoreWeights::default();
        let scores = worked().into_iter().map(|(partner, it)| engagement_score(partner, &it, &weights));
        let scores: Vec<_> = scores.map(|it| figure(it.value, 0)).collect();
        assert_eq!(scores, ["95", "78", "52", "5", "11"]);
    }

    #[test]
    fn what_cannot_be_measured_has_no_score_and_is_not_low() {
        let nothing = Components::default();
        let value = engagement_score(partner_id(1), &nothing, &ScoreWeights::default());
        assert_eq!(value.value, Err(Absence::NotMeasured));
        let mut components = worked();
        components.remove(&partner_id(4));
        let low = over_june(|frame| low_score_partners(frame, &components));
        assert_eq!((low.numerator.ids, low.exclusions[0].ids.clone()), (vec![id(5)], vec![id(4)]));
    }

    #[test]
    fn two_partners_are_low() {
        let value = over_june(|frame| low_score_partners(frame, &worked()));
        assert_eq!(value.numerator.ids, [id(4), id(5)]);
        assert_eq!(figure(value.beside(Aspect::Rate).unwrap(), 4), "0.4000");
    }

    #[test]
    fn components_are_measured_from_facts_and_missing_when_there_is_nothing_to_measure() {
        let (partners, settings) = (partners(), KpiSettings::default());
        let frame = Frame::at_end(june(), &partners[4..5], &settings);
        let login = [day("2026-06-11")];
        let facts = ScoreFacts {
            assignments: &[],
            enrolments: &[],
            usage: None,
            logins: &login,
            has_proposal_tool: true,
        };
        assert_eq!(Components::of(&frame, &facts), worked()[&partner_id(5)]);
        let usage =
            UsageFact { proposal_tool_uses: 2, faq_views: 4, chat_sessions: 2, ..UsageFact::default() };
        let busy = Components::of(&frame, &ScoreFacts { usage: Some(&usage), ..facts });
        assert_eq!((busy.proposal_tool, busy.self_help), (of(1, 1), of(6, 10)));
        let barred = Components::of(&frame, &ScoreFacts { has_proposal_tool: false, ..facts });
        assert_eq!(barred.proposal_tool, None, "who may not use a tool is not measured by it");
    }

    #[test]
    fn only_complete_weeks_count_for_regularity() {
        let logins = ["2026-06-29", "2026-06-22", "2026-06-23", "2026-06-14"].map(day);
        assert_eq!(login_regularity(&logins, day("2026-07-01"), &KpiSettings::default()), of(2, 4));
    }
}
