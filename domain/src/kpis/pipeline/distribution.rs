//! How offers and registrations are answered: acceptance, approval, conflicts, and decisions that came late.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::distribution::OfferOutcome;
use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::Frame;
use crate::kpis::value::{Exclusion, ExclusionReason, KpiValue, Part, Subject};

/// One offer that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferFact {
    /// The offer.
    pub id: Uuid,
    /// To whom.
    pub partner: PartnerId,
    /// When it ended.
    pub closed_at: DateTime<Utc>,
    /// How.
    pub outcome: OfferOutcome,
}

/// One submitted registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationFact {
    /// The registration.
    pub id: Uuid,
    /// Whose.
    pub partner: PartnerId,
    /// When it was first complete.
    pub submitted_at: DateTime<Utc>,
    /// By when it was to be decided.
    pub decide_by: Option<DateTime<Utc>>,
    /// When it was decided, and whether it was approved.
    pub decided: Option<(DateTime<Utc>, bool)>,
    /// Whether a conflict with another claim was confirmed.
    pub has_conflict: bool,
}

/// Accepted ÷ (accepted + declined + expired) of the offers that ended in the period.
pub fn lead_acceptance_rate(frame: &Frame<'_>, offers: &[OfferFact]) -> KpiValue {
    let roster = frame.roster(Kpi::LeadAcceptanceRate);
    let ended = offers.iter().filter(|it| roster.holds(it.partner) && frame.period.contains(it.closed_at));
    let (answered, closed): (Vec<&OfferFact>, Vec<&OfferFact>) =
        ended.partition(|it| it.outcome != OfferOutcome::Closed);
    let accepted = answered.iter().filter(|it| it.outcome == OfferOutcome::Accepted);
    let accepted = Part::count(Subject::Offer, accepted.map(|it| it.id));
    let closed = Exclusion::of(ExclusionReason::NotAnswered, Subject::Offer, closed.iter().map(|it| it.id));
    KpiValue::proportion(
        Kpi::LeadAcceptanceRate,
        accepted,
        Part::count(Subject::Offer, answered.iter().map(|it| it.id)),
    )
    .excluding(closed)
    .excluding(roster.exclusions)
}

/// Approved ÷ decided, of the registrations decided in the period.
pub fn registration_approval_rate(frame: &Frame<'_>, registrations: &[RegistrationFact]) -> KpiValue {
    let is_decided = |it: &RegistrationFact| it.decided.is_some_and(|(at, _)| frame.period.contains(at));
    let is_approved = |it: &RegistrationFact| it.decided.is_some_and(|(_, approved)| approved);
    share(frame, Kpi::RegistrationApprovalRate, registrations, is_decided, is_approved)
}

/// Registrations with a confirmed conflict ÷ those submitted in the period.
pub fn registration_conflict_rate(frame: &Frame<'_>, registrations: &[RegistrationFact]) -> KpiValue {
    let is_submitted = |it: &RegistrationFact| frame.period.contains(it.submitted_at);
    share(frame, Kpi::RegistrationConflictRate, registrations, is_submitted, |it| it.has_conflict)
}

/// Decisions after their deadline ÷ decisions of the period; those without a deadline are left out.
pub fn sla_breach_rate(frame: &Frame<'_>, registrations: &[RegistrationFact]) -> KpiValue {
    let is_decided = |it: &RegistrationFact| it.decided.is_some_and(|(at, _)| frame.period.contains(at));
    let undated = registrations.iter().filter(|it| is_decided(it) && it.decide_by.is_none()).map(|it| it.id);
    let undated = Exclusion::of(ExclusionReason::Undated, Subject::Registration, undated);
    let is_counted = |it: &RegistrationFact| is_decided(it) && it.decide_by.is_some();
    let is_late = |it: &RegistrationFact| {
        it.decided.zip(it.decide_by).is_some_and(|((at, _), decide_by)| at > decide_by)
    };
    share(frame, Kpi::SlaBreachRate, registrations, is_counted, is_late).excluding(undated)
}

fn share(
    frame: &Frame<'_>,
    kpi: Kpi,
    registrations: &[RegistrationFact],
    is_counted: impl Fn(&RegistrationFact) -> bool,
    is_hit: impl Fn(&RegistrationFact) -> bool,
) -> KpiValue {
    let roster = frame.roster(kpi);
    let counted: Vec<_> =
        registrations.iter().filter(|it| roster.holds(it.partner) && is_counted(it)).collect();
    let hits = Part::count(Subject::Registration, counted.iter().filter(|it| is_hit(it)).map(|it| it.id));
    let all = Part::count(Subject::Registration, counted.iter().map(|it| it.id));
    KpiValue::proportion(kpi, hits, all).excluding(roster.exclusions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id, over_june, partner_id, shown};

    #[test]
    fn twelve_of_twenty_offers_were_accepted() {
        let ends = [
            (12, OfferOutcome::Accepted),
            (5, OfferOutcome::Declined),
            (3, OfferOutcome::Expired),
            (2, OfferOutcome::Closed),
        ];
        let ends = ends.into_iter().flat_map(|(count, end)| std::iter::repeat_n(end, count));
        let offer = |(number, outcome)| OfferFact {
            id: id(number),
            partner: partner_id(1),
            closed_at: day("2026-06-15"),
            outcome,
        };
        let offers: Vec<_> = (1..).zip(ends).map(offer).collect();
        let value = over_june(|frame| lead_acceptance_rate(frame, &offers));
        assert_eq!((shown(&value).as_str(), value.sample_size()), ("0.6000", 20));
        assert_eq!(value.exclusions[0].ids, [id(21), id(22)]);
    }

    fn registration(number: u128) -> RegistrationFact {
        RegistrationFact {
            id: id(number),
            partner: partner_id(1),
            submitted_at: day("2026-06-10"),
            decide_by: Some(day("2026-06-12")),
            decided: Some((day("2026-06-12"), true)),
            has_conflict: false,
        }
    }

    #[test]
    fn eight_of_ten_registrations_were_approved() {
        let decided = |number| Some((day("2026-06-12"), number <= 8));
        let of = |number| RegistrationFact { decided: decided(number), ..registration(number) };
        let mut all: Vec<_> = (1..=10).map(of).collect();
        all.push(RegistrationFact { decided: None, ..registration(11) });
        assert_eq!(shown(&over_june(|frame| registration_approval_rate(frame, &all))), "0.8000");
    }

    #[test]
    fn three_of_twelve_registrations_had_a_conflict() {
        let of = |number| RegistrationFact { has_conflict: number <= 3, ..registration(number) };
        let all: Vec<_> = (1..=12).map(of).collect();
        assert_eq!(shown(&over_june(|frame| registration_conflict_rate(frame, &all))), "0.2500");
    }

    #[test]
    fn a_decision_at_the_deadline_is_in_time() {
        let late = RegistrationFact { decided: Some((day("2026-06-13"), true)), ..registration(2) };
        let undated = RegistrationFact { decide_by: None, ..registration(3) };
        let value = over_june(|frame| sla_breach_rate(frame, &[registration(1), late, undated]));
        assert_eq!((shown(&value).as_str(), &value.numerator.ids[..]), ("0.5000", &[id(2)][..]));
        assert_eq!(
            (value.exclusions[0].reason, value.exclusions[0].ids[0]),
            (ExclusionReason::Undated, id(3))
        );
    }
}
