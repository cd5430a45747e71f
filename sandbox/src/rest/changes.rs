//! `/updated` and `/deleted`: ids that changed within a span of whole minutes.

use serde_json::{Value as Json, json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call};
use crate::json::datetime;
use crate::org::Org;
use crate::org::input::read_datetime;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::org::value::Value;
use crate::state::State;

const HORIZON_SECONDS: i64 = 30 * 86_400;
const MOST_IDS: usize = 600_000;

pub(super) fn updated(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let org = state.org();
    let span = Span::read(&org, call)?;
    let table = org.table(object);
    let numbers = table.by_stamp(span.start..=span.end - 1);
    let live = numbers.filter(|it| table.get(*it).is_some_and(|it| !it.is_deleted));
    let ids: Vec<String> = live.map(|it| RecordId::new(object, it).to_string()).collect();
    refuse_too_many(ids.len())?;
    Ok(Answer::json(200, &json!({"ids": ids, "latestDateCovered": datetime(span.covered)})))
}

pub(super) fn deleted(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let org = state.org();
    let span = Span::read(&org, call)?;
    let mut deleted: Vec<_> = org.table(object).delete_log().filter(|(_, at)| span.contains(*at)).collect();
    deleted.sort_by_key(|(number, at)| (*at, *number));
    refuse_too_many(deleted.len())?;
    let entry = |(number, at): (u32, i64)| json!({"id": RecordId::new(object, number).to_string(), "deletedDate": datetime(at)});
    let records: Vec<Json> = deleted.into_iter().map(entry).collect();
    let earliest = (org.clock().seconds() - HORIZON_SECONDS).max(org.delete_log_begins_at);
    let earliest = datetime(whole_minute(earliest));
    let body = json!({
        "deletedRecords": records,
        "earliestDateAvailable": earliest,
        "latestDateCovered": datetime(span.covered),
    });
    Ok(Answer::json(200, &body))
}

/// Start and end in seconds since 1970, both on whole minutes; the end is excluded.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    end: i64,
    /// Up to here nothing is missing.
    covered: i64,
}

impl Span {
    fn read(org: &Org, call: &Call<'_>) -> Result<Span, Vec<ApiError>> {
        let now = org.clock().seconds();
        let (start, end) = (minute(call, "start")?, minute(call, "end")?);
        if end <= start {
            return Err(invalid("end date must be later than start date"));
        }
        if end - start < 60 {
            return Err(invalid("The startDate must be at least one minute before the endDate"));
        }
        if start < now - HORIZON_SECONDS {
            return Err(invalid("startDate cannot be more than 30 days ago"));
        }
        Ok(Span { start, end, covered: end.min(whole_minute(now)) })
    }

    fn contains(self, at: i64) -> bool {
        (self.start..self.end).contains(&at)
    }
}

fn minute(call: &Call<'_>, name: &str) -> Result<i64, Vec<ApiError>> {
    let text = call.parameter(name).ok_or_else(|| invalid(&format!("{name} date is missing")))?;
    // A plus sign that was not encoded arrives as a blank.
    match read_datetime(text).or_else(|| read_datetime(&text.replace(' ', "+"))) {
        Some(Value::DateTime(seconds)) => Ok(whole_minute(seconds)),
        _ => Err(invalid(&format!("{name} is not a date-time with a zone: {text}"))),
    }
}

fn whole_minute(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(60)
}

fn invalid(message: &str) -> Vec<ApiError> {
    vec![ApiError::new(Code::InvalidReplicationDate, message)]
}

fn refuse_too_many(count: usize) -> Result<(), Vec<ApiError>> {
    match count > MOST_IDS {
        true => Err(vec![ApiError::new(Code::ExceededIdLimit, "too many ids: ask for a shorter span")]),
        false => Ok(()),
    }
}
