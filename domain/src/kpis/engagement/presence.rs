//! サイレントパートナー and アクティブパートナー: who stays away, and who works with us.
//!
//! Both are derived from what happened and never stored as a status.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::calendar::{date_in_tokyo, start_of_day};
use crate::ids::PartnerId;
use crate::kpis::catalogue::Kpi;
use crate::kpis::frame::Frame;
use crate::kpis::value::{KpiValue, Part, Subject};
use crate::kpis::window::Window;

/// When a partner last showed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFact {
    /// The last access by one of its users.
    pub last_access_at: Option<DateTime<Utc>>,
    /// Days on which nobody is expected, in the partner's calendar.
    pub paused: BTreeSet<NaiveDate>,
}

/// How long a partner has been away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Days since the last access, without paused ones.
    pub days_since: i64,
    /// 00:00 in Japan of the day on which it became silent; `None` while it is not.
    pub silent_since: Option<DateTime<Utc>>,
}

/// How long a partner has been away at an instant; `last_seen_at` is its last access or, without any, its grant.
///
/// One access ends a silence: it moves `last_seen_at`.
pub fn silence(
    last_seen_at: DateTime<Utc>,
    paused: &BTreeSet<NaiveDate>,
    silent_after_days: i64,
    at: DateTime<Utc>,
) -> Silence {
    let (last_seen, today) = (date_in_tokyo(last_seen_at), date_in_tokyo(at));
    if today <= last_seen {
        return Silence { days_since: 0, silent_since: None };
    }
    let paused_days = paused.range(last_seen + Days::new(1)..=today).count() as i64;
    let days_since = (today - last_seen).num_days() - paused_days;
    let is_silent = days_since >= silent_after_days;
    let silent_since = is_silent.then(|| start_of_day(day_of_silence(last_seen, paused, silent_after_days)));
    Silence { days_since, silent_since }
}

/// The day on which so many days had passed that were not paused.
fn day_of_silence(last_seen: NaiveDate, paused: &BTreeSet<NaiveDate>, silent_after_days: i64) -> NaiveDate {
    let counted = last_seen.iter_days().skip(1).filter(|it| !paused.contains(it));
    let skipped = usize::try_from(silent_after_days - 1).unwrap_or(0);
    counted.into_iter().nth(skipped).unwrap_or(NaiveDate::MAX)
}

/// Partners active at the end, with access, that stayed away too long. Their share stands beside it.
pub fn silent_partners(frame: &Frame<'_>, accesses: &BTreeMap<PartnerId, AccessFact>) -> KpiValue {
    let roster = frame.roster(Kpi::SilentPartners);
    let counted = frame.partners.iter().filter(|it| roster.holds(it.id));
    let nothing = AccessFact::default();
    let silent = counted.filter(|partner| {
        let fact = accesses.get(&partner.id).unwrap_or(&nothing);
        let last_seen_at = fact.last_access_at.or(partner.access_granted_at);
        let after = frame.settings.silent_after_days;
        last_seen_at
            .is_some_and(|it| silence(it, &fact.paused, after, frame.period.until()).silent_since.is_some())
    });
    let silent = Part::count(Subject::Partner, silent.map(|it| it.id));
    KpiValue::count_among(Kpi::SilentPartners, silent, Part::count(Subject::Partner, roster.admitted))
        .excluding(roster.exclusions)
}

/// Partners contracted at the end with a productive action in the days before it. Their share stands beside it.
pub fn active_partners(frame: &Frame<'_>, productive: &[(PartnerId, DateTime<Utc>)]) -> KpiValue {
    let roster = frame.roster(Kpi::ActivePartners);
    let window = Window::before(frame.period.until(), TimeDelta::days(frame.settings.active_within_days));
    let acted = productive.iter().filter(|(partner, at)| roster.holds(*partner) && window.contains(*at));
    let acted: BTreeSet<_> = acted.map(|(partner, _)| *partner).collect();
    let acted = Part::count(Subject::Partner, acted);
    KpiValue::count_among(Kpi::ActivePartners, acted, Part::count(Subject::Partner, roster.admitted))
        .excluding(roster.exclusions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::value::Aspect;
    use crate::kpis::worked::{day, figure, id, over_june, partner_id};

    fn worked() -> BTreeMap<PartnerId, AccessFact> {
        let dates = ["2026-06-30", "2026-06-28", "2026-06-22", "2026-06-10", "2026-06-11", "2026-06-18"];
        let fact = |date| AccessFact { last_access_at: Some(day(date)), ..AccessFact::default() };
        (1..).map(partner_id).zip(dates.map(fact)).collect()
    }

    #[test]
    fn one_of_five_is_silent() {
        let value = over_june(|frame| silent_partners(frame, &worked()));
        assert_eq!((figure(value.value, 0).as_str(), &value.numerator.ids[..]), ("1", &[id(4)][..]));
        assert_eq!(figure(value.beside(Aspect::Rate).unwrap(), 4), "0.2000");
    }

    #[test]
    fn the_twenty_first_day_makes_silent_and_the_twentieth_does_not() {
        let at = day("2026-07-01");
        let fourth = silence(day("2026-06-10"), &BTreeSet::new(), 21, at);
        assert_eq!(fourth, Silence { days_since: 21, silent_since: Some(at) });
        let fifth = silence(day("2026-06-11"), &BTreeSet::new(), 21, at);
        assert_eq!(fifth, Silence { days_since: 20, silent_since: None });
    }

    #[test]
    fn a_partner_that_never_came_is_counted_from_its_grant() {
        let mut facts = worked();
        facts.remove(&partner_id(1));
        let value = over_june(|frame| silent_partners(frame, &facts));
        assert_eq!(value.numerator.ids, [id(1), id(4)]);
    }

    #[test]
    fn paused_days_put_the_silence_off() {
        let holidays = ["2026-06-15", "2026-06-16"].map(|it| it.parse().unwrap()).into();
        let at = day("2026-07-03");
        assert_eq!(
            silence(day("2026-06-10"), &holidays, 21, at),
            Silence { days_since: 21, silent_since: Some(at) }
        );
        let later = silence(day("2026-06-10"), &holidays, 21, day("2026-07-09"));
        assert_eq!(later, Silence { days_since: 27, silent_since: Some(at) });
    }

    #[test]
    fn three_of_five_are_active() {
        let actions =
            [(1, "2026-06-20"), (2, "2026-04-02"), (3, "2026-05-05"), (4, "2026-04-01"), (5, "2026-07-01")];
        let actions = actions.map(|(partner, date)| (partner_id(partner), day(date)));
        let value = over_june(|frame| active_partners(frame, &actions));
        assert_eq!(value.numerator.ids, [id(1), id(2), id(3)]);
        assert_eq!(figure(value.beside(Aspect::Rate).unwrap(), 4), "0.6000");
    }
}
