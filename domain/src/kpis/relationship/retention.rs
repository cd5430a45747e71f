//! 継続率: of the partners contracted at the start, how many still are at the end. Who joined meanwhile does not count.

use chrono::TimeDelta;

use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::value::{Aspect, KpiValue, Part, Subject};

/// Still contracted at the end ÷ contracted at the start; churn stands beside it.
///
/// A lapse that was renewed soon is no loss, so the figure may rise later: it is restated then.
pub fn partner_retention(frame: &Frame<'_>) -> KpiValue {
    let roster = frame.roster(Kpi::PartnerRetention);
    let grace = TimeDelta::days(frame.settings.renewal_grace_days);
    let retained = frame.partners.iter().filter(|it| roster.holds(it.id));
    let retained = retained.filter(|it| it.is_retained(frame.period.until(), grace)).map(|it| it.id);
    let retained = Part::count(Subject::Partner, retained);
    let value =
        KpiValue::proportion(Kpi::PartnerRetention, retained, Part::count(Subject::Partner, roster.admitted));
    let churn = value.value.map(|it| Fraction::ONE - it);
    value.with(Aspect::Churn, churn).excluding(roster.exclusions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::frame::PartnerFacts;
    use crate::kpis::window::Span;
    use crate::kpis::worked::{day, figure, june, partner_id, partners, shown};

    fn contracted(number: u128, from: &str, until: Option<&str>) -> PartnerFacts {
        let span = Span { from: day(from), until: until.map(day) };
        PartnerFacts { id: partner_id(number), contracts: vec![span], ..partners()[0].clone() }
    }

    #[test]
    fn eight_of_ten_stay_and_joiners_do_not_count() {
        let mut all: Vec<_> = (1..=8).map(|it| contracted(it, "2025-04-01", None)).collect();
        all.extend((9..=10).map(|it| contracted(it, "2025-04-01", Some("2026-06-15"))));
        all.extend((11..=13).map(|it| contracted(it, "2026-06-10", None)));
        let value = partner_retention(&Frame::at_end(june(), &all, &Default::default()));
        assert_eq!((shown(&value).as_str(), value.sample_size()), ("0.8000", 10));
        assert_eq!(figure(value.beside(Aspect::Churn).unwrap(), 4), "0.2000");
    }

    #[test]
    fn without_anyone_at_the_start_nobody_was_kept() {
        let value = partner_retention(&Frame::at_end(june(), &[], &Default::default()));
        assert_eq!(
            (shown(&value).as_str(), value.beside(Aspect::Churn).unwrap().is_err()),
            ("NO_DENOMINATOR", true)
        );
    }
}
