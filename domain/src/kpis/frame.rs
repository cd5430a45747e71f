//! What a KPI is asked about: a period, the partners, and the numbers that are policy.
//!
//! Here: who belongs to the population of a KPI and why the others do not. Not here: what happened.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::catalogue::{Kpi, Population};
use super::settings::KpiSettings;
use super::value::{Exclusion, ExclusionReason, Subject};
use super::window::{Span, Window, cover_throughout};
use crate::ids::PartnerId;

/// What KPIs need to know of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerFacts {
    /// The partner.
    pub id: PartnerId,
    /// Partners made for tests never count.
    pub is_test: bool,
    /// When its status was `ACTIVE`.
    pub active: Vec<Span>,
    /// When a contract other than an NDA was in force.
    pub contracts: Vec<Span>,
    /// Since when its users may use the portal.
    pub access_granted_at: Option<DateTime<Utc>>,
}

/// What a KPI is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Over what time.
    pub period: Window,
    /// Every partner that may matter, also those whose life has ended.
    pub partners: &'a [PartnerFacts],
    /// The numbers that are policy.
    pub settings: &'a KpiSettings,
    /// The instant of asking: what is not over by then is not mature.
    pub evaluated_at: DateTime<Utc>,
}

/// The partners that a KPI is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Those who count.
    pub admitted: BTreeSet<PartnerId>,
    /// Those who do not, by reason.
    pub exclusions: Vec<Exclusion>,
}

impl PartnerFacts {
    /// Whether its status was `ACTIVE` at an instant.
    pub fn is_active(&self, at: DateTime<Utc>) -> bool {
        self.active.iter().any(|it| it.covers(at))
    }

    /// Whether it was contracted at an instant: active, with a contract in force.
    pub fn is_contracted(&self, at: DateTime<Utc>) -> bool {
        self.is_active(at) && self.contracts.iter().any(|it| it.covers(at))
    }

    /// Whether it was contracted, or its contract had lapsed and was renewed within the grace.
    pub fn is_retained(&self, at: DateTime<Utc>, grace: TimeDelta) -> bool {
        let lapsed = self.contracts.iter().filter_map(|it| it.until).filter(|it| *it <= at).max();
        let renewed = self.contracts.iter().map(|it| it.from).filter(|it| *it > at).min();
        let bridged = lapsed.zip(renewed).is_some_and(|(lapsed, renewed)| renewed - lapsed <= grace);
        self.is_contracted(at) || (self.is_active(at) && bridged)
    }

    /// Whether it belongs to a population, or why not.
    fn check(&self, population: Population, period: &Window) -> Result<(), ExclusionReason> {
        let refuse_unless = |admitted: bool, reason| if admitted { Ok(()) } else { Err(reason) };
        refuse_unless(!self.is_test, ExclusionReason::TestPartner)?;
        match population {
            Population::ActiveOnAnyDay => {
                refuse_unless(self.active.iter().any(|it| it.touches(period)), ExclusionReason::NotActive)
            }
            Population::ActiveAtEnd => {
                refuse_unless(self.is_active(period.until()), ExclusionReason::NotActive)
            }
            Population::ActiveThroughout => {
                refuse_unless(cover_throughout(&self.active, period), ExclusionReason::PartialExposure)
            }
            Population::ActiveWithAccess => {
                refuse_unless(self.is_active(period.until()), ExclusionReason::NotActive)?;
                let has_access = self.access_granted_at.is_some_and(|it| it <= period.until());
                refuse_unless(has_access, ExclusionReason::NoAccess)
            }
            Population::ContractedAtStart => {
                refuse_unless(self.is_contracted(period.from()), ExclusionReason::NotContracted)
            }
            Population::ContractedAtEnd => {
                refuse_unless(self.is_contracted(period.until()), ExclusionReason::NotContracted)
            }
            Population::EveryPartner | Population::EveryRecord => Ok(()),
        }
    }
}

impl<'a> Frame<'a> {
    /// A period asked about at its end.
    pub fn at_end(period: Window, partners: &'a [PartnerFacts], settings: &'a KpiSettings) -> Self {
        Self { period, partners, settings, evaluated_at: period.until() }
    }

    /// The partners that a KPI is about.
    pub fn roster(&self, kpi: Kpi) -> Roster {
        let population = kpi.definition().population;
        let mut admitted = BTreeSet::new();
        let mut excluded: BTreeMap<ExclusionReason, Vec<PartnerId>> = BTreeMap::new();
        for partner in self.partners {
            match partner.check(population, &self.period) {
                Ok(()) => _ = admitted.insert(partner.id),
                Err(reason) => excluded.entry(reason).or_default().push(partner.id),
            }
        }
        let exclusions = excluded.into_iter();
        let exclusions = exclusions.filter_map(|(reason, ids)| Exclusion::of(reason, Subject::Partner, ids));
        Roster { admitted, exclusions: exclusions.collect() }
    }
}

impl Roster {
    /// Whether a partner counts.
    pub fn holds(&self, partner: PartnerId) -> bool {
        self.admitted.contains(&partner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, june, partner_id, partners};

    fn admitted(kpi: Kpi) -> Vec<u128> {
        let partners = partners();
        let settings = KpiSettings::default();
        let roster = Frame::at_end(june(), &partners, &settings).roster(kpi);
        roster.admitted.iter().map(|it| it.0.as_u128()).collect()
    }

    #[test]
    fn a_partner_terminated_in_mid_period_was_active_on_some_day() {
        assert_eq!(admitted(Kpi::SupportConsumptionRate), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn one_that_is_onboarding_at_the_end_is_not_active() {
        assert_eq!(admitted(Kpi::TrainingParticipationRate), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn those_who_saw_only_part_of_the_period_are_told_apart() {
        let partners = partners();
        let settings = KpiSettings::default();
        let roster = Frame::at_end(june(), &partners, &settings).roster(Kpi::ZeroViewPartners);
        let ids = [partner_id(6), partner_id(7)];
        let expected = Exclusion::of(ExclusionReason::PartialExposure, Subject::Partner, ids);
        assert_eq!(roster.exclusions, [expected.unwrap()]);
    }

    #[test]
    fn test_partners_never_count() {
        let mut partners = partners();
        partners[0].is_test = true;
        let settings = KpiSettings::default();
        let roster = Frame::at_end(june(), &partners, &settings).roster(Kpi::WinRate);
        assert!(!roster.holds(partner_id(1)));
        assert_eq!(roster.exclusions[0].reason, ExclusionReason::TestPartner);
    }

    #[test]
    fn a_lapse_renewed_within_thirty_days_is_no_loss() {
        let lapse = |renewed: &str| PartnerFacts {
            contracts: vec![
                Span { from: day("2025-04-01"), until: Some(day("2026-06-20")) },
                Span::since(day(renewed)),
            ],
            ..partners()[0].clone()
        };
        let grace = TimeDelta::days(30);
        assert!(lapse("2026-07-20").is_retained(day("2026-07-01"), grace));
        assert!(!lapse("2026-07-21").is_retained(day("2026-07-01"), grace));
    }
}
