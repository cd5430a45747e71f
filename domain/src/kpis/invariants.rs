//! What holds for every KPI, whatever the facts: order changes nothing, and a receipt can be checked.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::engagement::consumption::{AssignmentFact, support_consumption_rate};
use super::engagement::training::{EnrolmentFact, training_completion_rate};
use super::frame::Frame;
use super::pipeline::closing::{ClosedDeal, Ending, loss_reasons, win_rate};
use super::pipeline::conversion::{LeadFact, lead_conversion_rate};
use super::pipeline::distribution::{RegistrationFact, registration_approval_rate, sla_breach_rate};
use super::pipeline::lead_time::{LeadTimeFact, average_lead_time};
use super::receipt::Receipt;
use super::relationship::csat::{Answer, Audience, Wave, csat};
use super::relationship::retention::partner_retention;
use super::revenue::deals::{Rates, Touch, WonDeal};
use super::revenue::shares::{indirect_revenue_share, partner_influenced_revenue, partner_sourced_revenue};
use super::settings::KpiSettings;
use super::value::{Absence, KpiValue};
use super::worked::{day, id, june, partner_id, partners};
use crate::money::Money;

/// One made-up record, from which facts of every kind are made.
#[derive(Debug, Clone)]
struct Record {
    number: u128,
    partner: u128,
    /// Days after 1 May at which things happened to it.
    days: [i64; 3],
    choice: u8,
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let record = (1_u128..=7, [0_i64..90, 0..90, 0..90], any::<u8>());
    prop::collection::vec(record, 0..25).prop_map(|rows| {
        let numbered = (1..).zip(rows);
        numbered.map(|(number, (partner, days, choice))| Record { number, partner, days, choice }).collect()
    })
}

impl Record {
    fn at(&self, place: usize) -> chrono::DateTime<chrono::Utc> {
        day("2026-05-01") + chrono::TimeDelta::days(self.days[place])
    }

    fn maybe(&self, place: usize) -> Option<chrono::DateTime<chrono::Utc>> {
        (self.choice >> place & 1 == 1).then(|| self.at(place))
    }

    fn assignment(&self) -> AssignmentFact {
        AssignmentFact {
            id: id(self.number),
            partner: partner_id(self.partner),
            assigned_at: self.at(0),
            due_at: self.maybe(2),
            consumed_at: self.maybe(1),
            cancelled_at: self.maybe(0),
        }
    }

    fn enrolment(&self) -> EnrolmentFact {
        EnrolmentFact {
            id: id(self.number),
            partner: partner_id(self.partner),
            is_mandatory: self.choice & 8 == 0,
            due_at: Some(self.at(0)),
            completed_at: self.maybe(1),
            is_waived: self.choice & 16 != 0,
            is_cancelled: self.choice & 32 != 0,
        }
    }

    fn lead(&self) -> LeadFact {
        LeadFact {
            id: id(self.number),
            partner: partner_id(self.partner),
            accepted_at: self.at(0),
            converted_at: self.maybe(1),
            is_partner_trained: self.choice & 8 == 0,
        }
    }

    fn won(&self) -> WonDeal {
        WonDeal {
            id: id(self.number),
            account: id(500 + self.partner),
            amount: Some(Money { minor: 1_000 * self.days[1], currency: "JPY".to_owned() }),
            won_at: self.at(0),
            sourcing_partner: (self.choice & 8 == 0).then_some(partner_id(self.partner)),
            touches: self
                .maybe(1)
                .map(|at| Touch { partner: partner_id(self.partner), at })
                .into_iter()
                .collect(),
            reversed_at: self.maybe(2),
        }
    }

    fn closed(&self) -> ClosedDeal {
        let ending = match self.choice % 5 {
            0 => Ending::Withdrawn,
            1 => Ending::Duplicate,
            2 => Ending::Lost(None),
            3 => Ending::Lost(Some("PRICE".to_owned())),
            _ => Ending::Won,
        };
        ClosedDeal { id: id(self.number), closed_at: self.at(0), ending }
    }

    fn registration(&self) -> RegistrationFact {
        RegistrationFact {
            id: id(self.number),
            partner: partner_id(self.partner),
            submitted_at: self.at(0),
            decide_by: self.maybe(1),
            decided: self.maybe(2).map(|at| (at, self.choice & 8 == 0)),
            has_conflict: self.choice & 16 == 0,
        }
    }

    fn lead_time(&self) -> LeadTimeFact {
        LeadTimeFact { id: id(self.number), started_at: self.maybe(1), won_at: self.at(0) }
    }

    fn answer(&self) -> Answer {
        let vote = (self.choice % 6).try_into().ok();
        Answer { id: id(self.number), respondent: id(900 + self.partner), at: self.at(0), vote }
    }
}

fn all_kpis(records: &[Record], is_partner_order_reversed: bool) -> Vec<KpiValue> {
    fn each<T>(records: &[Record], make: impl Fn(&Record) -> T) -> Vec<T> {
        records.iter().map(make).collect()
    }
    let (mut partners, settings) = (partners(), KpiSettings::default());
    if is_partner_order_reversed {
        partners.reverse();
    }
    let frame = Frame::at_end(june(), &partners, &settings);
    let (won, closed) = (each(records, Record::won), each(records, Record::closed));
    let registrations = each(records, Record::registration);
    let yen = Rates::only("JPY");
    let wave = Wave {
        audience: Audience::Partner,
        sent: (1..=7).map(|it| id(900 + it)).collect(),
        answers: each(records, Record::answer),
    };
    vec![
        support_consumption_rate(&frame, &each(records, Record::assignment)),
        training_completion_rate(&frame, &each(records, Record::enrolment)),
        lead_conversion_rate(&frame, &each(records, Record::lead)),
        partner_sourced_revenue(&frame, &won, &yen),
        partner_influenced_revenue(&frame, &won, &yen),
        indirect_revenue_share(&frame, &won, &yen),
        win_rate(&frame, &closed),
        loss_reasons(&frame, &closed),
        registration_approval_rate(&frame, &registrations),
        sla_breach_rate(&frame, &registrations),
        average_lead_time(&frame, &each(records, Record::lead_time)),
        csat(&wave),
        partner_retention(&frame),
    ]
}

proptest! {
    // Each case computes many KPIs; more of them find nothing new.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn shuffling_the_facts_changes_nothing(
        (records, shuffled) in records().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
    ) {
        prop_assert_eq!(all_kpis(&records, false), all_kpis(&shuffled, true));
    }

    #[test]
    fn a_value_is_its_numerator_over_its_denominator_and_null_without_one(records in records()) {
        for value in all_kpis(&records, false) {
            if let Some(denominator) = &value.denominator {
                prop_assert_eq!(value.value, value.numerator.over(denominator));
                prop_assert_eq!(value.value == Err(Absence::NoDenominator), denominator.total.numerator() == 0);
            }
        }
    }

    #[test]
    fn a_proportion_counts_records_that_stand_below_the_line_and_none_that_was_excluded(records in records()) {
        for value in all_kpis(&records, false).iter().filter(|it| it.interval.is_some()) {
            let below: BTreeSet<_> = value.denominator.iter().flat_map(|it| &it.ids).collect();
            prop_assert!(value.numerator.ids.iter().all(|it| below.contains(it)), "{}", value.kpi);
            let subject = value.numerator.subject;
            let mut excluded = value.exclusions.iter().filter(|it| it.subject == subject).flat_map(|it| &it.ids);
            prop_assert!(excluded.all(|it| !below.contains(it)), "{}", value.kpi);
        }
    }

    #[test]
    fn sourced_and_influenced_revenue_never_share_a_deal(records in records()) {
        let values = all_kpis(&records, false);
        let sourced: BTreeSet<_> = values[3].numerator.ids.iter().collect();
        prop_assert!(values[4].numerator.ids.iter().all(|it| !sourced.contains(it)));
    }

    #[test]
    fn a_receipt_survives_being_stored(records in records()) {
        for value in all_kpis(&records, false) {
            let receipt = Receipt::of(value, june(), day("2026-07-01"), day("2026-07-01"));
            let stored = serde_json::to_string(&receipt).unwrap();
            prop_assert_eq!(serde_json::from_str::<Receipt>(&stored).unwrap(), receipt);
        }
    }
}
