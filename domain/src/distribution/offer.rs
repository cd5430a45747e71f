//! An offer: one partner, one window to answer in, one outcome; and what comes after it.

use chrono::{DateTime, Utc};

use super::Ranking;
use crate::calendar::{Calendar, CalendarEnds};
use crate::ids::PartnerId;
use crate::lifecycle::LeadWindows;

crate::codes! {
    /// How an offer stands.
    pub enum OfferOutcome {
        Open("回答待ち", "Open"),
        Accepted("応諾", "Accepted"),
        Declined("辞退", "Declined"),
        Expired("期限切れ", "Expired"),
        Closed("終了", "Closed by the vendor"),
    }
}

/// Why an offer cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum OfferRefusal {
    /// Too late.
    #[error("the offer ended at {accept_by}; ask your channel manager to offer the lead again")]
    OfferExpired {
        /// When.
        accept_by: DateTime<Utc>,
    },
    /// It has its outcome.
    #[error("the offer is {outcome}; it cannot be answered any more")]
    OfferAnswered {
        /// Which.
        outcome: OfferOutcome,
    },
    /// Too early.
    #[error("the partner may answer until {accept_by}")]
    OfferRuns {
        /// Until when.
        accept_by: DateTime<Utc>,
    },
}

/// What comes after an offer that nobody took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The next partner is asked.
    Offer {
        /// Who.
        partner: PartnerId,
    },
    /// A person decides: often enough, or nobody is left.
    AskAPerson,
}

/// Until when a partner may answer an offer made at an instant.
pub fn accept_by(
    offered_at: DateTime<Utc>,
    calendar: &Calendar,
    windows: &LeadWindows,
) -> Result<DateTime<Utc>, CalendarEnds> {
    calendar.end_of_business_day(offered_at, windows.acceptance_business_days)
}

/// The partner takes the lead; the last instant of the window still counts.
pub fn accept(
    outcome: OfferOutcome,
    accept_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<OfferOutcome, OfferRefusal> {
    check_open(outcome, accept_by, now)?;
    Ok(OfferOutcome::Accepted)
}

/// The partner does not want the lead.
pub fn decline(
    outcome: OfferOutcome,
    accept_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<OfferOutcome, OfferRefusal> {
    check_open(outcome, accept_by, now)?;
    Ok(OfferOutcome::Declined)
}

/// Nobody answered in time.
pub fn expire(
    outcome: OfferOutcome,
    accept_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<OfferOutcome, OfferRefusal> {
    match outcome {
        OfferOutcome::Open if now > accept_by => Ok(OfferOutcome::Expired),
        OfferOutcome::Open => Err(OfferRefusal::OfferRuns { accept_by }),
        outcome => Err(OfferRefusal::OfferAnswered { outcome }),
    }
}

/// The vendor takes the offer back.
pub fn close(outcome: OfferOutcome) -> Result<OfferOutcome, OfferRefusal> {
    match outcome {
        OfferOutcome::Open => Ok(OfferOutcome::Closed),
        outcome => Err(OfferRefusal::OfferAnswered { outcome }),
    }
}

/// What comes after `failures` declined or expired offers of one lead, by a ranking made anew.
pub fn next_step(ranking: &Ranking, failures: u32, windows: &LeadWindows) -> NextStep {
    match ranking.ranked.first() {
        Some(first) if failures < windows.largest_failures => NextStep::Offer { partner: first.partner },
        _ => NextStep::AskAPerson,
    }
}

fn check_open(
    outcome: OfferOutcome,
    accept_by: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), OfferRefusal> {
    match outcome {
        OfferOutcome::Open if now <= accept_by => Ok(()),
        OfferOutcome::Open | OfferOutcome::Expired => Err(OfferRefusal::OfferExpired { accept_by }),
        outcome => Err(OfferRefusal::OfferAnswered { outcome }),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::distribution::Ranked;
    use crate::lifecycle::LifecyclePolicy;

    fn window() -> DateTime<Utc> {
        let offered_at = "2026-05-01T10:00:00+09:00".parse().unwrap();
        accept_by(offered_at, &Calendar::default(), &LifecyclePolicy::default().leads).unwrap()
    }

    #[test]
    fn an_offer_waits_for_two_business_days() {
        assert_eq!(window(), "2026-05-08T18:00:00+09:00".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(accept(OfferOutcome::Open, window(), window()), Ok(OfferOutcome::Accepted));
        let late = window() + TimeDelta::seconds(1);
        let refusal = Err(OfferRefusal::OfferExpired { accept_by: window() });
        assert_eq!(accept(OfferOutcome::Open, window(), late), refusal);
        assert_eq!(decline(OfferOutcome::Open, window(), late), refusal);
    }

    #[test]
    fn an_offer_expires_when_nobody_can_take_it_any_more() {
        assert_eq!(
            expire(OfferOutcome::Open, window(), window()),
            Err(OfferRefusal::OfferRuns { accept_by: window() })
        );
        let late = window() + TimeDelta::seconds(1);
        assert_eq!(expire(OfferOutcome::Open, window(), late), Ok(OfferOutcome::Expired));
    }

    #[test]
    fn an_offer_has_one_outcome() {
        for outcome in [OfferOutcome::Accepted, OfferOutcome::Declined, OfferOutcome::Closed] {
            let refusal = Err(OfferRefusal::OfferAnswered { outcome });
            assert_eq!(accept(outcome, window(), window()), refusal);
            assert_eq!(expire(outcome, window(), window() + TimeDelta::days(1)), refusal);
            assert_eq!(close(outcome), refusal);
        }
    }

    #[test]
    fn after_three_failures_a_person_decides() {
        let windows = LifecyclePolicy::default().leads;
        let partner = PartnerId(Uuid::from_u128(1));
        let ranked = vec![Ranked { rank: 1, partner, behind_by: None }];
        let mut ranking = Ranking { policy: String::new(), ranked, excluded: Vec::new() };
        assert_eq!(next_step(&ranking, 2, &windows), NextStep::Offer { partner });
        assert_eq!(next_step(&ranking, 3, &windows), NextStep::AskAPerson);
        ranking.ranked.clear();
        assert_eq!(next_step(&ranking, 0, &windows), NextStep::AskAPerson);
    }
}
