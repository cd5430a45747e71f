//! Bulk API 2.0 ingest jobs: open, upload a CSV file, close, ask, fetch what became of each row.

use serde_json::{Map, Value as Json, json};

use super::super::error::{ApiError, Code};
use super::super::{Answer, Answered, Call, collections};
use super::Format;
use crate::jobs::{IngestJob, JobState, Operation, RowOutcome};
use crate::json::datetime;
use crate::org::Org;
use crate::org::schema::Object;
use crate::soql::csv::Dialect;
use crate::state::State;

/// What clears a field; an empty cell leaves it alone.
const CLEARED: &str = "#N/A";

pub(super) fn create(state: &State, call: &Call<'_>) -> Answered {
    let body = call.body_object()?;
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default();
    let invalid = |message: String| vec![ApiError::new(Code::InvalidJob, message)];
    let object = Object::named(text("object"));
    let object = object.ok_or_else(|| invalid(format!("object {} is unknown", text("object"))))?;
    let operation = match text("operation") {
        "insert" => Operation::Insert,
        "update" => Operation::Update,
        "delete" => Operation::Delete,
        "upsert" if !text("externalIdFieldName").is_empty() => {
            Operation::Upsert(text("externalIdFieldName").to_owned())
        }
        "upsert" => return Err(invalid("externalIdFieldName is required for upsert".to_owned())),
        other => return Err(invalid(format!("operation {other} is not supported by this org"))),
    };
    let Format { delimiter_name, line_end_name, dialect } = Format::of(&body)?;
    let mut jobs = state.jobs();
    let job = IngestJob {
        birth: jobs.next(call.user, state.clock.seconds()),
        object,
        operation,
        delimiter_name,
        line_end_name,
        dialect,
        data: None,
        state: JobState::Open,
        error: None,
        polls: jobs.polls,
        columns: Vec::new(),
        outcomes: Vec::new(),
    };
    let answer = Answer::json(200, &described(&job, call.version));
    jobs.keep_ingest(job);
    Ok(answer)
}

pub(super) fn upload(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let content_type = call.header("content-type").unwrap_or_default();
    if !content_type.starts_with("text/csv") {
        let message =
            format!("Content-Type header specified in HTTP request is not supported: {content_type}");
        return Err(vec![ApiError::new(Code::UnsupportedMediaType, message)]);
    }
    let mut jobs = state.jobs();
    let job = jobs.ingest(id, state.clock.seconds()).map_err(|it| vec![it])?;
    job.take(call.body.to_vec()).map_err(|it| vec![it])?;
    Ok(Answer::empty(201))
}

pub(super) fn change(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let wanted = call.body_object()?.get("state").and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut org = state.org_to_write(call);
    let mut jobs = state.jobs();
    let job = jobs.ingest(id, state.clock.seconds()).map_err(|it| vec![it])?;
    match wanted.as_str() {
        "Aborted" => job.abort().map_err(|it| vec![it])?,
        "UploadComplete" => {
            let data = job.close().map_err(|it| vec![it])?;
            if let Err(problem) = work_off(&mut org, job, &data, call) {
                job.error = Some(format!("InvalidBatch : {problem}"));
            }
        }
        _ => {
            let message = "state can be set to UploadComplete or Aborted";
            return Err(vec![ApiError::new(Code::InvalidJobState, message)]);
        }
    }
    Ok(Answer::json(200, &described(job, call.version)))
}

pub(super) fn info(state: &State, call: &Call<'_>, id: &str) -> Answered {
    let mut jobs = state.jobs();
    let job = jobs.ingest(id, state.clock.seconds()).map_err(|it| vec![it])?;
    job.ask();
    let mut body = described(job, call.version);
    let is_over = job.state.is_final();
    body["jobType"] = json!("V2Ingest");
    body["retries"] = json!(0);
    body["numberRecordsProcessed"] = json!(if is_over { job.outcomes.len() } else { 0 });
    body["numberRecordsFailed"] = json!(if is_over { job.count_failed() } else { 0 });
    if let Some(error) = &job.error {
        body["errorMessage"] = json!(error);
    }
    Ok(Answer::json(200, &body))
}

/// The three lists, whose names clients write in any letter case.
pub(super) fn results(state: &State, _call: &Call<'_>, id: &str, list: &str) -> Answered {
    let mut jobs = state.jobs();
    let job = jobs.ingest(id, state.clock.seconds()).map_err(|it| vec![it])?;
    let mut sheet = Sheet::new(job.dialect);
    match list.to_ascii_lowercase().as_str() {
        "successfulresults" => {
            sheet.line(["sf__Id", "sf__Created"].into_iter().chain(job.columns.iter().map(String::as_str)));
            for (row, (id, created)) in
                job.outcomes.iter().filter_map(|it| Some((it, it.result.as_ref().ok()?)))
            {
                let created = if *created { "true" } else { "false" };
                sheet.line([id.as_str(), created].into_iter().chain(row.cells.iter().map(String::as_str)));
            }
        }
        "failedresults" => {
            sheet.line(["sf__Id", "sf__Error"].into_iter().chain(job.columns.iter().map(String::as_str)));
            for (row, error) in job.outcomes.iter().filter_map(|it| Some((it, it.result.as_ref().err()?))) {
                sheet.line(["", error.as_str()].into_iter().chain(row.cells.iter().map(String::as_str)));
            }
        }
        "unprocessedrecords" => sheet.line(job.columns.iter().map(String::as_str)),
        _ => return Err(vec![ApiError::not_found()]),
    }
    Ok(Answer::bytes(200, sheet.out).with("Content-Type", "text/csv"))
}

/// Writes every row; only a file that cannot be read at all fails as a whole.
fn work_off(org: &mut Org, job: &mut IngestJob, data: &[u8], call: &Call<'_>) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(job.dialect.delimiter).from_reader(data);
    let columns: Vec<String> =
        reader.headers().map_err(|it| it.to_string())?.iter().map(str::to_owned).collect();
    for name in columns.iter().filter(|it| !it.contains('.')) {
        if org.field(job.object, name).is_none() {
            return Err(format!("Field name not found : {name}"));
        }
    }
    job.columns = columns;
    for row in reader.records() {
        let row = row.map_err(|it| it.to_string())?;
        let record = to_record(job.object, &job.columns, &row);
        let written = match &job.operation {
            Operation::Insert => collections::create_one(org, &record, call.user),
            Operation::Update => collections::update_one(org, &record, call.user),
            Operation::Upsert(field) => collections::upsert_one(org, job.object, field, &record, call.user),
            Operation::Delete => collections::delete_one(org, named_id(&record), call.user),
        };
        let is_new = job.operation == Operation::Insert;
        let result = written.map(|(id, created)| (id.to_string(), created.unwrap_or(is_new)));
        let cells = row.iter().map(str::to_owned).collect();
        job.outcomes.push(RowOutcome { cells, result: result.map_err(|it| in_one_line(&it)) });
    }
    Ok(())
}

/// A row as the body of a single write.
fn to_record(object: Object, columns: &[String], row: &csv::StringRecord) -> Map<String, Json> {
    let mut record = Map::new();
    record.insert("attributes".to_owned(), json!({"type": object.name()}));
    for (name, cell) in columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
        let value = if cell == CLEARED { Json::Null } else { json!(cell) };
        match name.split_once('.') {
            Some((parent, field)) => record.insert(parent.to_owned(), json!({ field: value })),
            None => record.insert(name.clone(), value),
        };
    }
    record
}

fn named_id(record: &Map<String, Json>) -> &str {
    let id = record.iter().find(|(name, _)| name.eq_ignore_ascii_case("id"));
    id.and_then(|(_, it)| it.as_str()).unwrap_or_default()
}

/// `CODE:message:fields --`.
fn in_one_line(errors: &[ApiError]) -> String {
    let one = |it: &ApiError| format!("{}:{}:{} --", it.code.text(), it.message, it.fields.join(" "));
    errors.first().map(one).unwrap_or_default()
}

fn described(job: &IngestJob, version: &str) -> Json {
    let mut body = json!({
        "id": job.birth.id(),
        "operation": job.operation.name(),
        "object": job.object.name(),
        "createdById": job.birth.by.to_string(),
        "createdDate": datetime(job.birth.at),
        "systemModstamp": datetime(job.birth.at),
        "state": job.state.name(),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": super::version_number(version),
        "contentUrl": format!("services/data/{version}/jobs/ingest/{}/batches", job.birth.id()),
        "lineEnding": job.line_end_name,
        "columnDelimiter": job.delimiter_name,
    });
    if let Operation::Upsert(field) = &job.operation {
        body["externalIdFieldName"] = json!(field);
    }
    body
}

/// A result file.
struct Sheet {
    dialect: Dialect,
    out: Vec<u8>,
}

impl Sheet {
    fn new(dialect: Dialect) -> Sheet {
        Sheet { dialect, out: Vec::new() }
    }

    fn line<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for (place, cell) in cells.enumerate() {
            if place > 0 {
                self.out.push(self.dialect.delimiter);
            }
            crate::soql::csv::quote(cell, &mut self.out);
        }
        self.out.extend_from_slice(self.dialect.line_end);
    }
}
