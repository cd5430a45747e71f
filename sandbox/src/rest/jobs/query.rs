//! Bulk API 2.0 query jobs: make, ask, fetch results page by page, abort, delete.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value as Json, json};

use super::super::error::{ApiError, Code};
use super::super::{Answer, Answered, Call};
use super::{Format, of_parameter};
use crate::jobs::{JobState, QueryJob};
use crate::json::datetime;
use crate::soql::csv::Sheet;
use crate::soql::{Outcome, Scope, run};
use crate::state::State;

/// Records in a page unless the client says.
const PAGE: usize = 50_000;
/// The vendor's daily allowance of query jobs.
pub(in crate::rest) const DAILY_JOBS: u64 = 10_000;

pub(super) fn create(state: &State, call: &Call<'_>) -> Answered {
    let body = call.body_object()?;
    let text = |name: &str| body.get(name).and_then(Json::as_str);
    let (operation, scope) = match text("operation") {
        Some("query") => ("query", Scope::Live),
        Some("queryAll") => ("queryAll", Scope::All),
        _ => return Err(vec![ApiError::new(Code::InvalidJob, "operation must be query or queryAll")]),
    };
    let format = Format::of(&body)?;
    let soql = text("query").ok_or_else(|| vec![ApiError::new(Code::InvalidJob, "query is missing")])?;
    let org = state.org();
    let Outcome::Records { plan, numbers } = run(&org, soql, scope).map_err(|it| vec![it])? else {
        return Err(vec![ApiError::new(Code::ApiError, "Aggregate queries are not supported in Bulk Query")]);
    };
    let sheet = Sheet::of(&plan).map_err(|it| vec![it])?;
    let mut jobs = state.jobs();
    let job = QueryJob {
        birth: jobs.next(call.user, org.clock().seconds()),
        operation,
        delimiter_name: format.delimiter_name,
        line_end_name: format.line_end_name,
        dialect: format.dialect,
        plan,
        sheet: sheet.into(),
        numbers: numbers.into(),
        state: JobState::UploadComplete,
        error: None,
        polls: jobs.polls,
        is_doomed: call.faults.failing_job,
    };
    let answer = Answer::json(200, &described(&job, call.version));
    jobs.keep_query(job);
    Ok(answer)
}

pub(super) fn info(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let mut jobs = state.jobs();
    let job = jobs.query(id, state.clock.seconds()).map_err(|it| vec![it])?;
    job.ask();
    Ok(Answer::json(200, &with_progress(job, call.version)))
}

/// One page as CSV, with its header line; `Sforce-Locator: null` on the last.
pub(super) fn results(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let (plan, sheet, numbers, dialect) = {
        let mut jobs = state.jobs();
        let job = jobs.query(id, state.clock.seconds()).map_err(|it| vec![it])?;
        job.results().map_err(|it| vec![it])?;
        (job.plan.clone(), job.sheet.clone(), job.numbers.clone(), job.dialect)
    };
    let offset = offset(call, numbers.len())?;
    let most = of_parameter(call, "maxRecords")?.unwrap_or(PAGE).max(1);
    let end = offset.saturating_add(most).min(numbers.len());
    let mut shown = numbers[offset..end].to_vec();
    if call.faults.reordered {
        shown.reverse();
    }
    let mut body = Vec::with_capacity(512 + shown.len() * 400);
    sheet.header(dialect, &mut body);
    let written = sheet.rows(&state.org(), &plan, &shown, dialect, &mut body);
    let next = if call.faults.duplicated { offset } else { end };
    let locator = if next < numbers.len() { locator(next) } else { "null".to_owned() };
    let answer = Answer::bytes(200, body).with("Content-Type", "text/csv");
    Ok(answer.with("Sforce-Locator", locator).with("Sforce-NumberOfRecords", written.to_string()))
}

pub(super) fn change(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let body = call.body_object()?;
    if body.get("state") != Some(&json!("Aborted")) {
        return Err(vec![ApiError::new(Code::InvalidJobState, "a query job can only be set to Aborted")]);
    }
    let mut jobs = state.jobs();
    let job = jobs.query(id, state.clock.seconds()).map_err(|it| vec![it])?;
    job.abort().map_err(|it| vec![it])?;
    Ok(Answer::json(200, &described(job, call.version)))
}

fn offset(call: &Call<'_>, most: usize) -> Result<usize, Vec<ApiError>> {
    let Some(text) = call.parameter("locator").filter(|it| !matches!(*it, "" | "null")) else { return Ok(0) };
    let decoded = STANDARD_NO_PAD.decode(text).ok().and_then(|it| String::from_utf8(it).ok());
    let offset = decoded.and_then(|it| it.parse::<usize>().ok()).filter(|it| *it <= most);
    offset.ok_or_else(|| vec![ApiError::new(Code::InvalidQueryLocator, "invalid query locator")])
}

fn locator(offset: usize) -> String {
    STANDARD_NO_PAD.encode(offset.to_string())
}

fn described(job: &QueryJob, version: &str) -> Json {
    json!({
        "id": job.birth.id(),
        "operation": job.operation,
        "object": job.plan.object.name(),
        "createdById": job.birth.by.to_string(),
        "createdDate": datetime(job.birth.at),
        "systemModstamp": datetime(job.birth.at),
        "state": job.state.name(),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": super::version_number(version),
        "lineEnding": job.line_end_name,
        "columnDelimiter": job.delimiter_name,
    })
}

fn with_progress(job: &QueryJob, version: &str) -> Json {
    let mut body = described(job, version);
    body["jobType"] = json!("V2Query");
    body["retries"] = json!(0);
    body["totalProcessingTime"] = json!(50);
    body["isPkChunkingSupported"] = json!(true);
    let is_complete = job.state == JobState::JobComplete;
    body["numberRecordsProcessed"] = json!(if is_complete { job.numbers.len() } else { 0 });
    if let Some(error) = &job.error {
        body["errorMessage"] = json!(error);
    }
    body
}
