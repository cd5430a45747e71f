//! The Bulk API 2.0: jobs that read or write whole files.
//!
//! Here: which call reaches which kind of job, and what a job says of its file format.
//! Not here: the jobs themselves (`crate::jobs`).

mod ingest;
pub(super) mod query;

use serde_json::{Map, Value as Json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call, Method};
use crate::soql::csv::Dialect;
use crate::state::State;

/// Answers what is asked under `jobs`; `None` when there is no such resource or method.
pub(super) fn route(state: &State, call: &Call<'_>, path: &[&str]) -> Option<Answered> {
    use Method::{Delete, Get, Patch, Post, Put};
    Some(match (path, call.method) {
        (["query"], Post) => query::create(state, call),
        (["query", id], Get) => query::info(state, call, id),
        (["query", id], Patch) => query::change(state, call, id),
        (["query", id, "results"], Get) => query::results(state, call, id),
        (["ingest"], Post) => ingest::create(state, call),
        (["ingest", id], Get) => ingest::info(state, call, id),
        (["ingest", id], Patch) => ingest::change(state, call, id),
        (["ingest", id, "batches"], Put) => ingest::upload(state, call, id),
        (["ingest", id, results], Get) => ingest::results(state, call, id, results),
        (["query" | "ingest", id], Delete) => delete(state, id),
        _ => return None,
    })
}

fn delete(state: &State, id: &str) -> Answered {
    state.jobs().forget(id).map_err(|it| vec![it])?;
    Ok(Answer::empty(204))
}

/// What a job's file looks like.
struct Format {
    delimiter_name: &'static str,
    line_end_name: &'static str,
    dialect: Dialect,
}

impl Format {
    fn of(body: &Map<String, Json>) -> Result<Format, Vec<ApiError>> {
        let text = |name: &str, default: &'static str| match body.get(name) {
            None | Some(Json::Null) => default.to_owned(),
            Some(given) => given.as_str().unwrap_or_default().to_ascii_uppercase(),
        };
        let invalid = |message: String| vec![ApiError::new(Code::InvalidJob, message)];
        if text("contentType", "CSV") != "CSV" {
            return Err(invalid("contentType must be CSV".to_owned()));
        }
        let (line_end_name, line_end): (_, &[u8]) = match text("lineEnding", "LF").as_str() {
            "LF" => ("LF", b"\n"),
            "CRLF" => ("CRLF", b"\r\n"),
            other => return Err(invalid(format!("lineEnding must be LF or CRLF, not {other}"))),
        };
        let (delimiter_name, delimiter) = match text("columnDelimiter", "COMMA").as_str() {
            "COMMA" => ("COMMA", b','),
            "SEMICOLON" => ("SEMICOLON", b';'),
            "TAB" => ("TAB", b'\t'),
            "PIPE" => ("PIPE", b'|'),
            "CARET" => ("CARET", b'^'),
            "BACKQUOTE" => ("BACKQUOTE", b'`'),
            other => return Err(invalid(format!("columnDelimiter {other} is unknown"))),
        };
        Ok(Format { delimiter_name, line_end_name, dialect: Dialect { delimiter, line_end } })
    }
}

/// A count given as a parameter.
fn of_parameter(call: &Call<'_>, name: &str) -> Result<Option<usize>, Vec<ApiError>> {
    let read = |text: &str| {
        let invalid = || vec![ApiError::new(Code::InvalidJob, format!("{name} is no number"))];
        text.parse::<usize>().map_err(|_| invalid())
    };
    call.parameter(name).map(read).transpose()
}

/// `62.0` of `v62.0`.
fn version_number(version: &str) -> f64 {
    version.trim_start_matches('v').parse().unwrap_or_default()
}
