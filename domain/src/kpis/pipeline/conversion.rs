//! リード転換率: how many accepted leads became deals, and whether those of trained partners did so more often.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::Frame;
use crate::kpis::statistics::comparison::Comparison;
use crate::kpis::value::{Flag, KpiValue, Part, Subject};

/// One accepted lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadFact {
    /// The lead.
    pub id: Uuid,
    /// Who accepted it.
    pub partner: PartnerId,
    /// When.
    pub accepted_at: DateTime<Utc>,
    /// When it became a deal.
    pub converted_at: Option<DateTime<Utc>>,
    /// Whether, when it was accepted, a user of the partner had completed all mandatory courses.
    pub is_partner_trained: bool,
}

/// Leads accepted in the period that converted in time ÷ all accepted in it.
pub fn lead_conversion_rate(frame: &Frame<'_>, leads: &[LeadFact]) -> KpiValue {
    conversion_of(frame, leads, |_| true)
}

/// The same rate for leads of trained partners and for the others.
pub fn conversion_by_training(frame: &Frame<'_>, leads: &[LeadFact]) -> Comparison {
    let trained = conversion_of(frame, leads, |it| it.is_partner_trained);
    let others = conversion_of(frame, leads, |it| !it.is_partner_trained);
    Comparison::of(trained, others)
}

fn conversion_of(frame: &Frame<'_>, leads: &[LeadFact], is_meant: impl Fn(&LeadFact) -> bool) -> KpiValue {
    let roster = frame.roster(Kpi::LeadConversionRate);
    let within = TimeDelta::days(frame.settings.conversion_days);
    let cohort = leads.iter().filter(|it| roster.holds(it.partner) && frame.period.contains(it.accepted_at));
    let cohort: Vec<_> = cohort.filter(|it| is_meant(it)).collect();
    let in_time = |it: &&&LeadFact| it.converted_at.is_some_and(|at| at <= it.accepted_at + within);
    let converted = Part::count(Subject::Lead, cohort.iter().filter(in_time).map(|it| it.id));
    let all = Part::count(Subject::Lead, cohort.iter().map(|it| it.id));
    let value = KpiValue::proportion(Kpi::LeadConversionRate, converted, all).excluding(roster.exclusions);
    let last_accepted = cohort.iter().map(|it| it.accepted_at).max();
    let is_mature = last_accepted.is_none_or(|it| it + within <= frame.evaluated_at);
    if is_mature { value } else { value.flagged(Flag::Immature) }
}

/// The instant from which someone at a partner had completed every mandatory course; `None` while nobody has.
///
/// For each user: when each mandatory course was completed, `None` where it was not.
pub fn trained_since(users: &[Vec<Option<DateTime<Utc>>>]) -> Option<DateTime<Utc>> {
    let complete = users.iter().filter(|courses| !courses.is_empty());
    complete
        .filter_map(|courses| courses.iter().copied().collect::<Option<Vec<_>>>()?.into_iter().max())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Period;
    use crate::kpis::settings::KpiSettings;
    use crate::kpis::window::Window;
    use crate::kpis::worked::{day, figure, id, partner_id, partners, shown};

    /// Converted and accepted of P1 to P5 in March 2026; P1 and P2 were trained.
    fn worked() -> Vec<LeadFact> {
        let rows = [(5, 10, true), (3, 8, true), (1, 6, false), (0, 4, false), (0, 2, false)];
        let leads = (1..).zip(rows).flat_map(|(partner, (converted, accepted, is_partner_trained))| {
            (0..accepted).map(move |it| LeadFact {
                id: id(partner * 100 + it),
                partner: partner_id(partner),
                accepted_at: day("2026-03-10"),
                converted_at: (it < converted).then(|| day("2026-05-01")),
                is_partner_trained,
            })
        });
        leads.collect()
    }

    fn in_march<T>(evaluated: &str, compute: impl FnOnce(&Frame<'_>) -> T) -> T {
        let (partners, settings) = (partners(), KpiSettings::default());
        let march = Period::inclusive("2026-03-01".parse().unwrap(), "2026-03-31".parse().unwrap());
        let period = Window::try_from(march).unwrap();
        compute(&Frame { evaluated_at: day(evaluated), ..Frame::at_end(period, &partners, &settings) })
    }

    #[test]
    fn trained_partners_convert_eight_of_eighteen_and_others_one_of_twelve() {
        let both = in_march("2026-07-01", |frame| conversion_by_training(frame, &worked()));
        assert_eq!((shown(&both.with).as_str(), shown(&both.without).as_str()), ("0.4444", "0.0833"));
        assert_eq!(
            (figure(both.difference, 4).as_str(), figure(both.ratio, 4).as_str()),
            ("0.3611", "5.3333")
        );
        assert!(!both.flags.contains(&Flag::LowSample));
    }

    #[test]
    fn totals_are_ratios_of_sums() {
        let value = in_march("2026-07-01", |frame| lead_conversion_rate(frame, &worked()));
        assert_eq!(shown(&value), "0.3000");
    }

    #[test]
    fn a_cohort_that_may_still_convert_is_immature() {
        let is_immature = |evaluated| {
            let value = in_march(evaluated, |frame| lead_conversion_rate(frame, &worked()));
            value.flags.contains(&Flag::Immature)
        };
        assert!(!is_immature("2026-06-08"), "the ninetieth day is over");
        assert!(is_immature("2026-06-07"));
    }

    #[test]
    fn the_ninety_first_day_is_too_late() {
        let mut leads = worked();
        leads[0].converted_at = Some(day("2026-06-08"));
        leads[1].converted_at = Some(day("2026-06-08") + TimeDelta::seconds(1));
        let value = in_march("2026-07-01", |frame| lead_conversion_rate(frame, &leads));
        assert_eq!(value.numerator.ids.len(), 8);
    }

    #[test]
    fn a_partner_is_trained_from_the_first_user_who_completed_everything() {
        let users = [
            vec![Some(day("2026-01-01")), None],
            vec![Some(day("2026-02-01")), Some(day("2026-02-10"))],
            vec![Some(day("2026-03-01")), Some(day("2026-01-10"))],
        ];
        assert_eq!(trained_since(&users), Some(day("2026-02-10")));
        assert_eq!(trained_since(&users[..1]), None);
        assert_eq!(trained_since(&[vec![]]), None, "without mandatory courses nobody is trained by them");
    }
}
