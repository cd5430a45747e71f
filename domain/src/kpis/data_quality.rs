//! KPIs of the data itself: duplicates, filled fields, waiting decisions, lag, differences nobody explained.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::catalogue::Kpi;
use super::fraction::Fraction;
use super::value::{Absence, Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};
use crate::calendar::{Calendar, CalendarEnds, date_in_tokyo};

/// 1 − distinct golden records ÷ live source records, of one system and object.
///
/// Above the line stand the golden records; the value is what they lack to be one each.
pub fn duplicate_rate(live_records: &[Uuid], goldens: &[Uuid]) -> KpiValue {
    let mut distinct = goldens.to_vec();
    distinct.sort();
    distinct.dedup();
    let goldens = Part::count(Subject::Golden, distinct);
    let records = Part::count(Subject::SourceRecord, live_records.iter().copied());
    let mut value = KpiValue::quotient(Kpi::DuplicateRate, goldens, records);
    value.value = value.value.map(|it| Fraction::ONE - it);
    value
}

/// Golden records with the field present ÷ golden records.
pub fn field_fill_rate(goldens: &[(Uuid, bool)]) -> KpiValue {
    let filled =
        Part::count(Subject::Golden, goldens.iter().filter(|(_, present)| *present).map(|(id, _)| *id));
    KpiValue::proportion(
        Kpi::FieldFillRate,
        filled,
        Part::count(Subject::Golden, goldens.iter().map(|(id, _)| *id)),
    )
}

/// Decisions that wait; the age of the oldest in business days stands beside it.
///
/// Refused when the calendar does not reach from the oldest to today.
pub fn review_backlog(
    open: &[(Uuid, DateTime<Utc>)],
    calendar: &Calendar,
    today: NaiveDate,
) -> Result<KpiValue, CalendarEnds> {
    let oldest = open.iter().map(|(_, opened_at)| date_in_tokyo(*opened_at)).min();
    let age = oldest.map(|it| calendar.business_days_between(it, today)).transpose()?;
    let age = age.map(|it| Fraction::from(i128::from(it))).ok_or(Absence::NoDenominator);
    let waiting = Part::count(Subject::Task, open.iter().map(|(id, _)| *id));
    Ok(KpiValue::total(Kpi::ReviewBacklog, waiting).with(Aspect::OldestAge, age))
}

/// Seconds from the watermark to now; never below zero.
pub fn sync_lag(now: DateTime<Utc>, watermark: DateTime<Utc>) -> KpiValue {
    let seconds = i128::from((now - watermark).num_seconds().max(0));
    let none: [Uuid; 0] = [];
    KpiValue::total(Kpi::SyncLag, Part::weighed(Fraction::from(seconds), Subject::Period, none))
}

/// Records that differ from their source and have no open error, task, lock or pin that says why. The target is 0.
pub fn unexplained_differences(different: &[(Uuid, bool)]) -> KpiValue {
    let of =
        |is_explained: bool| different.iter().filter(move |(_, it)| *it == is_explained).map(|(id, _)| *id);
    KpiValue::total(Kpi::UnexplainedDifferences, Part::count(Subject::SourceRecord, of(false)))
        .excluding(Exclusion::of(ExclusionReason::Explained, Subject::SourceRecord, of(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, figure, id, shown};

    #[test]
    fn a_thousand_leads_in_nine_hundred_and_forty_goldens() {
        let records: Vec<_> = (0..1_000).map(id).collect();
        let goldens: Vec<_> = (0..1_000).map(|it| id(it % 940)).collect();
        assert_eq!(shown(&duplicate_rate(&records, &goldens)), "0.0600");
        assert_eq!(shown(&duplicate_rate(&[], &[])), "NO_DENOMINATOR");
    }

    #[test]
    fn a_field_is_filled_where_it_is_present() {
        let goldens: Vec<_> = (0..8).map(|it| (id(it), it < 6)).collect();
        assert_eq!(shown(&field_fill_rate(&goldens)), "0.7500");
    }

    #[test]
    fn the_oldest_task_is_as_old_as_the_business_days_since() {
        let calendar = Calendar::default();
        let today = "2026-05-08".parse().unwrap();
        let open = [(id(1), day("2026-05-01")), (id(2), day("2026-05-07"))];
        let value = review_backlog(&open, &calendar, today).unwrap();
        assert_eq!(
            (figure(value.value, 0).as_str(), figure(value.beside(Aspect::OldestAge).unwrap(), 0).as_str()),
            ("2", "2")
        );
        let empty = review_backlog(&[], &calendar, today).unwrap();
        assert_eq!(empty.beside(Aspect::OldestAge), Some(Err(Absence::NoDenominator)));
    }

    #[test]
    fn lag_is_never_negative() {
        assert_eq!(figure(sync_lag(day("2026-06-02"), day("2026-06-01")).value, 0), "86400");
        assert_eq!(figure(sync_lag(day("2026-06-01"), day("2026-06-02")).value, 0), "0");
    }

    #[test]
    fn an_explained_difference_is_none() {
        let value = unexplained_differences(&[(id(1), true), (id(2), false)]);
        assert_eq!((value.numerator.ids, value.exclusions[0].ids.clone()), (vec![id(2)], vec![id(1)]));
    }
}
