//! Several requests in one: `composite`, whose later parts may refer to earlier ones, and `composite/batch`.
//!
//! Here: taking a request apart, references, putting the answers together. Each part is answered as if it had come by
//! itself, and counts as no API call of its own. Not here: Collections (`collections`).

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value as Json, json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call, Method, dispatch};
use crate::state::State;
use crate::urlencoded;

/// The vendor's bound on parts.
const MOST_PARTS: usize = 25;

/// What earlier parts answered, by reference id; `None` for those that failed.
type Results = BTreeMap<String, Option<Json>>;

pub(super) fn composite(state: &State, call: &Call<'_>) -> Answered {
    let body = call.body_object()?;
    if body.get("allOrNone") == Some(&json!(true)) {
        let message = "allOrNone=true is not supported by this org";
        return Err(vec![ApiError::new(Code::InvalidField, message)]);
    }
    let parts = parts(&body, "compositeRequest")?;
    let mut results = Results::new();
    let mut answers = Vec::new();
    for part in parts {
        let reference = part.get("referenceId").and_then(Json::as_str).unwrap_or_default();
        if reference.is_empty() || results.contains_key(reference) {
            let message = format!("referenceId `{reference}` is missing or used twice");
            return Err(vec![ApiError::new(Code::InvalidField, message)]);
        }
        let answer = match resolved(part, &results) {
            Ok(part) => answered(state, call, &part, "body"),
            Err(missing) => {
                let message = format!("Invalid reference specified. No value for {missing} found");
                Answer::errors(&[ApiError::new(Code::ProcessingHalted, message)])
            }
        };
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or(Json::Null);
        results.insert(reference.to_owned(), (answer.status < 300).then(|| body.clone()));
        let headers = answer.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        answers.push(json!({
            "body": body,
            "httpHeaders": Json::Object(headers.collect()),
            "httpStatusCode": answer.status,
            "referenceId": reference,
        }));
    }
    Ok(Answer::json(200, &json!({"compositeResponse": answers})))
}

/// Parts that know nothing of each other.
pub(super) fn batch(state: &State, call: &Call<'_>) -> Answered {
    let body = call.body_object()?;
    let halts = body.get("haltOnError") == Some(&json!(true));
    let mut has_errors = false;
    let mut results = Vec::new();
    for part in parts(&body, "batchRequests")? {
        let answer = match halts && has_errors {
            true => {
                let message = "The batch was halted since an earlier request failed.";
                Answer::errors(&[ApiError::new(Code::ProcessingHalted, message)])
            }
            false => answered(state, call, part, "richInput"),
        };
        has_errors |= answer.status >= 300;
        let result: Json = serde_json::from_slice(&answer.body).unwrap_or(Json::Null);
        results.push(json!({"statusCode": answer.status, "result": result}));
    }
    Ok(Answer::json(200, &json!({"hasErrors": has_errors, "results": results})))
}

fn parts<'a>(body: &'a Map<String, Json>, name: &str) -> Result<Vec<&'a Map<String, Json>>, Vec<ApiError>> {
    let malformed =
        || vec![ApiError::new(Code::JsonParserError, format!("{name} must be an array of objects"))];
    let parts = body.get(name).and_then(Json::as_array).ok_or_else(malformed)?;
    if parts.len() > MOST_PARTS {
        let message = format!("no more than {MOST_PARTS} requests in one");
        return Err(vec![ApiError::new(Code::ExceededIdLimit, message)]);
    }
    parts.iter().map(|it| it.as_object().ok_or_else(malformed)).collect()
}

/// Answers one part as if it had come by itself.
fn answered(state: &State, call: &Call<'_>, part: &Map<String, Json>, body_name: &str) -> Answer {
    let text = |name: &str| part.get(name).and_then(Json::as_str).unwrap_or_default();
    let (path, query) = text("url").split_once('?').unwrap_or((text("url"), ""));
    let segments = path.split('/').filter(|it| !it.is_empty()).map(urlencoded::decode);
    let path: Vec<String> = segments.skip_while(|it| matches!(it.as_str(), "services" | "data")).collect();
    let Some((version, path)) = path.split_first().filter(|(it, _)| it.starts_with('v')) else {
        return Answer::errors(&[ApiError::not_found()]);
    };
    if matches!(path.first().map(String::as_str), Some("composite"))
        && path.get(1).is_none_or(|it| it != "sobjects")
    {
        return Answer::errors(&[ApiError::new(
            Code::InvalidField,
            "a composite request cannot hold another one",
        )]);
    }
    let body = part.get(body_name).filter(|it| !it.is_null()).map(|it| it.to_string().into_bytes());
    let inner = Call {
        method: Method::named(text("method")),
        version,
        path: path.to_vec(),
        query: urlencoded::pairs(query),
        headers: &headers(part),
        body: &body.unwrap_or_default(),
        user: call.user,
        faults: call.faults,
    };
    dispatch(state, &inner)
}

fn headers(part: &Map<String, Json>) -> HeaderMap {
    let given = part.get("httpHeaders").and_then(Json::as_object).into_iter().flatten();
    let header = |(name, value): (&String, &Json)| {
        let name = HeaderName::try_from(name.to_ascii_lowercase()).ok()?;
        Some((name, HeaderValue::try_from(value.as_str()?).ok()?))
    };
    given.filter_map(header).collect()
}

/// The part with every `@{…}` replaced; the reference that has no value otherwise.
fn resolved(part: &Map<String, Json>, results: &Results) -> Result<Map<String, Json>, String> {
    let mut part = part.clone();
    for name in ["url", "body"] {
        if let Some(value) = part.get_mut(name) {
            resolve(value, results)?;
        }
    }
    Ok(part)
}

fn resolve(value: &mut Json, results: &Results) -> Result<(), String> {
    match value {
        Json::String(text) => *text = filled(text, results)?,
        Json::Array(items) => items.iter_mut().try_for_each(|it| resolve(it, results))?,
        Json::Object(members) => members.values_mut().try_for_each(|it| resolve(it, results))?,
        _ => {}
    }
    Ok(())
}

fn filled(text: &str, results: &Results) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((reference, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(&found(reference, results).ok_or_else(|| reference.to_owned())?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// `acc.id`, `q.records[0].Account.Name`.
fn found(reference: &str, results: &Results) -> Option<String> {
    let mut steps = reference.split(['.', '[']).map(|it| it.trim_end_matches(']'));
    let mut value = results.get(steps.next()?)?.as_ref()?;
    for step in steps {
        value = match value {
            Json::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
    }
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
