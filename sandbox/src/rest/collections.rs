//! sObject Collections: up to 200 records in one call, each with its own result.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call, upsert};
use crate::org::Org;
use crate::org::input::Purpose;
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::soql::render::{Projection, Renderer};
use crate::state::State;

const MOST_WRITTEN: usize = 200;
const MOST_READ: usize = 2000;

/// The outcome for one record: its id and, for upserts, whether it was created.
pub(super) type Written = Result<(RecordId, Option<bool>), Vec<ApiError>>;

pub(super) fn create(state: &State, call: &Call<'_>) -> Answered {
    let records = records(call)?;
    let mut org = state.org_to_write(call);
    let results = records.iter().map(|it| create_one(&mut org, it, call.user)).collect();
    Ok(answer(results))
}

pub(super) fn update(state: &State, call: &Call<'_>) -> Answered {
    let records = records(call)?;
    let mut org = state.org_to_write(call);
    let twice = repeated(&records, "id");
    let results = records.iter().zip(twice).map(|(it, twice)| match twice {
        Some(id) => Err(vec![twice_in_one_call("id", &id)]),
        None => update_one(&mut org, it, call.user),
    });
    Ok(answer(results.collect()))
}

pub(super) fn upsert(state: &State, call: &Call<'_>, object: Object, field: &str) -> Answered {
    let records = records(call)?;
    let mut org = state.org_to_write(call);
    let twice = repeated(&records, field);
    let results = records.iter().zip(twice).map(|(it, twice)| match twice {
        Some(key) => Err(vec![twice_in_one_call("external id", &key)]),
        None => upsert_one(&mut org, object, field, it, call.user),
    });
    Ok(answer(results.collect()))
}

pub(super) fn delete(state: &State, call: &Call<'_>) -> Answered {
    refuse_all_or_none(call.parameter("allOrNone") == Some("true"))?;
    let ids: Vec<&str> =
        call.parameter("ids").unwrap_or_default().split(',').filter(|it| !it.is_empty()).collect();
    check_count(ids.len(), MOST_WRITTEN)?;
    let mut org = state.org_to_write(call);
    let results = ids.into_iter().map(|it| delete_one(&mut org, it, call.user)).collect();
    Ok(answer(results))
}

/// Records in the order asked for, `null` in the place of a missing one.
pub(super) fn retrieve(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let (ids, fields) = wanted(call)?;
    check_count(ids.len(), MOST_READ)?;
    let org = state.org();
    let mut known = vec![org.schema(object).known("Id")];
    for name in fields.iter().filter(|it| !it.eq_ignore_ascii_case("Id")) {
        known.push(org.field(object, name).ok_or_else(|| {
            let message = format!("No such column '{name}' on entity '{}'", object.name());
            vec![ApiError::new(Code::InvalidField, message)]
        })?);
    }
    let projection = Projection::of_fields(known.into_iter());
    let renderer = Renderer::new(&org, call.version);
    let mut body = vec![b'['];
    for (place, id) in ids.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        let id = RecordId::parse(id).filter(|it| it.object == object && org.is_live(*it));
        match id.and_then(|it| org.record(it)) {
            Some(record) => renderer.record(&projection, record, &mut body),
            None => body.extend_from_slice(b"null"),
        }
    }
    body.push(b']');
    Ok(Answer::bytes(200, body))
}

/// For each record the value that an earlier one of the same call has as well.
fn repeated(records: &[Map<String, Json>], name: &str) -> Vec<Option<String>> {
    let mut met = HashSet::new();
    // Ids are told apart by letter case, keys are not.
    let folded = |it: &str| if name.eq_ignore_ascii_case("id") { it.to_owned() } else { it.to_lowercase() };
    let value = |it: &Map<String, Json>| {
        let (_, value) = it.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.as_str().map_or_else(|| value.to_string(), folded))
    };
    records.iter().map(|it| value(it).filter(|it| !met.insert(it.clone()))).collect()
}

fn twice_in_one_call(what: &str, value: &str) -> ApiError {
    ApiError::new(Code::DuplicateValue, format!("Duplicate {what} specified: {value}"))
}

pub(super) fn create_one(org: &mut Org, record: &Map<String, Json>, user: RecordId) -> Written {
    let object = typed(record)?;
    let changes = org.read_changes(object, record, Purpose::Create).map_err(|it| vec![it])?;
    org.create(object, changes, user).map(|id| (id, None))
}

pub(super) fn update_one(org: &mut Org, record: &Map<String, Json>, user: RecordId) -> Written {
    let object = typed(record)?;
    let id_key = record.keys().find(|it| it.eq_ignore_ascii_case("id")).cloned();
    let text = id_key.as_ref().and_then(|it| record[it].as_str());
    let missing = || vec![ApiError::new(Code::MalformedId, "Id not specified in an update call")];
    let id = existing(org, text.ok_or_else(missing)?)?;
    let mut body = record.clone();
    body.retain(|key, _| Some(key) != id_key.as_ref());
    let changes = org.read_changes(object, &body, Purpose::Update).map_err(|it| vec![it])?;
    if id.object != object {
        return Err(vec![ApiError::new(Code::MalformedId, format!("malformed id {id}"))]);
    }
    org.update(id, changes, user).map(|()| (id, None))
}

pub(super) fn upsert_one(
    org: &mut Org,
    object: Object,
    field: &str,
    record: &Map<String, Json>,
    user: RecordId,
) -> Written {
    let key = record.keys().find(|it| it.eq_ignore_ascii_case(field)).cloned();
    let value = key.as_ref().map(|it| &record[it]);
    let value = value.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).unwrap_or_default();
    let mut body = record.clone();
    body.retain(|it, _| Some(it) != key.as_ref());
    if value.is_empty() || value == "null" {
        let message = format!("{field} not specified");
        return Err(vec![ApiError::new(Code::RequiredFieldMissing, message).on(field)]);
    }
    if upsert::holders(org, object, field, &value)?.len() > 1 {
        let message = format!("{field}: more than one record found for external id field");
        return Err(vec![ApiError::new(Code::DuplicateValue, message)]);
    }
    let done = upsert::write(org, object, field, &value, &body, user)?;
    Ok((done.id, Some(done.created)))
}

pub(super) fn delete_one(org: &mut Org, id: &str, user: RecordId) -> Written {
    let id = existing(org, id)?;
    org.delete(id, user).map(|()| (id, None)).map_err(|it| vec![it])
}

fn records(call: &Call<'_>) -> Result<Vec<Map<String, Json>>, Vec<ApiError>> {
    let body = call.body_object()?;
    refuse_all_or_none(body.get("allOrNone") == Some(&json!(true)))?;
    let malformed = || vec![ApiError::new(Code::JsonParserError, "records must be an array of objects")];
    let records = body.get("records").and_then(Json::as_array).ok_or_else(malformed)?;
    check_count(records.len(), MOST_WRITTEN)?;
    records.iter().map(|it| it.as_object().cloned().ok_or_else(malformed)).collect()
}

/// Rolling back is not imitated; saying so beats doing half of it.
fn refuse_all_or_none(asked: bool) -> Result<(), Vec<ApiError>> {
    match asked {
        true => Err(vec![ApiError::new(Code::InvalidField, "allOrNone=true is not supported by this org")]),
        false => Ok(()),
    }
}

fn wanted(call: &Call<'_>) -> Result<(Vec<String>, Vec<String>), Vec<ApiError>> {
    let split = |name| call.parameter(name).unwrap_or_default().split(',').map(|it| it.trim().to_owned());
    if call.method == super::Method::Get {
        let filled = |it: &String| !it.is_empty();
        return Ok((split("ids").filter(filled).collect(), split("fields").filter(filled).collect()));
    }
    let body = call.body_object()?;
    let strings = |name: &str| {
        let items = body.get(name).and_then(Json::as_array).into_iter().flatten();
        items.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    Ok((strings("ids"), strings("fields")))
}

fn typed(record: &Map<String, Json>) -> Result<Object, Vec<ApiError>> {
    let name = record.get("attributes").and_then(|it| it["type"].as_str()).unwrap_or_default();
    Object::named(name).ok_or_else(|| {
        let message = format!("sObject type '{name}' is not supported.");
        vec![ApiError::new(Code::InvalidType, message)]
    })
}

fn existing(org: &Org, text: &str) -> Result<RecordId, Vec<ApiError>> {
    let malformed = || vec![ApiError::new(Code::MalformedId, format!("malformed id {text}"))];
    crate::org::record_id::read(text).ok_or_else(malformed)?;
    let id = RecordId::parse(text).filter(|it| org.record(*it).is_some());
    id.ok_or_else(|| vec![ApiError::new(Code::InvalidCrossReferenceKey, "invalid cross reference id")])
}

fn check_count(count: usize, most: usize) -> Result<(), Vec<ApiError>> {
    match count > most {
        true => Err(vec![ApiError::new(
            Code::ExceededIdLimit,
            format!("record limit reached. cannot submit more than {most} records in this call"),
        )]),
        false => Ok(()),
    }
}

fn answer(results: Vec<Written>) -> Answer {
    let result = |it: Written| match it {
        Ok((id, None)) => json!({"id": id.to_string(), "success": true, "errors": []}),
        Ok((id, Some(created))) => {
            json!({"id": id.to_string(), "success": true, "errors": [], "created": created})
        }
        Err(errors) => {
            let errors: Vec<Json> = errors.iter().map(ApiError::to_collection_json).collect();
            json!({"success": false, "errors": errors})
        }
    };
    Answer::json(200, &Json::Array(results.into_iter().map(result).collect()))
}
