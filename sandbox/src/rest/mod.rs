//! The REST resources under `/services/data`, one file each.
//!
//! Here: what is asked (`Call`), what is answered (`Answer`), and which resource answers.
//! Not here: sessions, limits, faults, sockets (`server`).

mod answer;
mod call;
mod changes;
mod collections;
mod composite;
mod conditional;
mod describe;
pub(crate) mod error;
mod jobs;
mod limits;
mod query;
mod record;
mod sobjects;
mod upsert;
pub(crate) mod versions;

pub(crate) use answer::Answer;
pub(crate) use call::{AnswerFaults, Call, Method};
pub(crate) use conditional::to_http_date;

use crate::org::schema::Object;
use crate::state::State;
use error::{ApiError, Code};

/// What every resource answers: errors go out as an array, with the status of the first.
pub(crate) type Answered = Result<Answer, Vec<ApiError>>;

/// Finds the resource a path names and lets it answer.
pub(crate) fn dispatch(state: &State, call: &Call<'_>) -> Answer {
    route(state, call).unwrap_or_else(|errors| Answer::errors(&errors))
}

fn route(state: &State, call: &Call<'_>) -> Answered {
    use Method::{Delete, Get, Patch, Post};
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (&path[..], call.method) {
        ([], Get) => versions::resources(state, call),
        (["limits"], Get) => limits::limits(state),
        (["query"], Get) => query::query(state, call, false),
        (["queryAll"], Get) => query::query(state, call, true),
        (["query" | "queryAll", locator], Get) => query::next_page(state, call, locator),
        (["sobjects"], Get) => sobjects::list(call),
        (["sobjects", name], Get) => sobjects::info(state, call, object(name)?),
        (["sobjects", name], Post) => record::create(state, call, object(name)?),
        (["sobjects", name, "describe"], Get) => describe::describe(state, call, object(name)?),
        (["sobjects", name, "updated"], Get) => changes::updated(state, call, object(name)?),
        (["sobjects", name, "deleted"], Get) => changes::deleted(state, call, object(name)?),
        (["sobjects", name, id], Post) if id.eq_ignore_ascii_case("id") => {
            record::create(state, call, object(name)?)
        }
        (["sobjects", name, id], Get) => record::get(state, call, object(name)?, id),
        (["sobjects", name, id], Patch) => record::update(state, call, object(name)?, id),
        (["sobjects", name, id], Delete) => record::delete(state, call, object(name)?, id),
        (["sobjects", name, field, value], Get) => upsert::get(state, call, object(name)?, field, value),
        (["sobjects", name, field, value], Patch) => upsert::upsert(state, call, object(name)?, field, value),
        (["sobjects", name, field, value], Delete) => {
            upsert::delete(state, call, object(name)?, field, value)
        }
        (["composite"], Post) => composite::composite(state, call),
        (["composite", "batch"], Post) => composite::batch(state, call),
        (["composite", "sobjects"], Post) => collections::create(state, call),
        (["composite", "sobjects"], Patch) => collections::update(state, call),
        (["composite", "sobjects"], Delete) => collections::delete(state, call),
        (["composite", "sobjects", name], Get | Post) => collections::retrieve(state, call, object(name)?),
        (["composite", "sobjects", name, field], Patch) => {
            collections::upsert(state, call, object(name)?, field)
        }
        (["jobs", rest @ ..], _) => {
            jobs::route(state, call, rest).unwrap_or_else(|| Err(vec![wrong_method(&path, call.method)]))
        }
        (path, _) => Err(vec![wrong_method(path, call.method)]),
    }
}

/// 405 where another method would do, 404 where none would.
fn wrong_method(path: &[&str], method: Method) -> ApiError {
    let allowed = match path {
        [] | ["limits" | "query" | "queryAll" | "sobjects"] => "GET,HEAD",
        ["query" | "queryAll", _] | ["sobjects", _, "describe" | "updated" | "deleted"] => "GET,HEAD",
        ["sobjects", _] => "GET,HEAD,POST",
        ["sobjects", _, _] | ["sobjects", _, _, _] => "DELETE,GET,HEAD,PATCH,POST",
        ["jobs", "query" | "ingest"] => "POST",
        ["jobs", "query" | "ingest", _] => "DELETE,GET,HEAD,PATCH",
        ["jobs", "ingest", _, "batches"] => "PUT",
        ["jobs", "query" | "ingest", _, _] => "GET,HEAD",
        ["composite"] | ["composite", "batch"] => "POST",
        ["composite", "sobjects"] => "DELETE,PATCH,POST",
        ["composite", "sobjects", _] => "GET,HEAD,POST",
        ["composite", "sobjects", _, _] => "PATCH",
        _ => return ApiError::not_found(),
    };
    let message = format!("HTTP Method '{}' not allowed. Allowed are {allowed}", method.name());
    ApiError::new(Code::MethodNotAllowed, message)
}

fn object(name: &str) -> Result<Object, Vec<ApiError>> {
    Object::named(name).ok_or_else(|| vec![ApiError::not_found()])
}
