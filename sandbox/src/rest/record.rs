//! One record: create, read, update, delete by id.

use serde_json::json;

use super::conditional::{self, Freshness};
use super::error::{ApiError, Code};
use super::{Answer, Answered, Call};
use crate::org::Org;
use crate::org::input::Purpose;
use crate::org::record_id::{self, RecordId};
use crate::org::schema::Object;
use crate::org::table::Record;
use crate::soql::render::{Projection, Renderer};
use crate::state::State;

pub(super) fn create(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let body = call.body_object()?;
    let mut org = state.org_to_write(call);
    let changes = org.read_changes(object, &body, Purpose::Create).map_err(|it| vec![it])?;
    let id = org.create(object, changes, call.user)?;
    Ok(created(&org, call, id))
}

pub(super) fn get(state: &State, call: &Call<'_>, object: Object, id: &str) -> Answered {
    let org = state.org();
    let id = record_named(&org, object, id)?;
    read(&org, call, org.live(id).map_err(|it| vec![it])?)
}

pub(super) fn update(state: &State, call: &Call<'_>, object: Object, id: &str) -> Answered {
    let mut org = state.org_to_write(call);
    let id = record_named(&org, object, id)?;
    let body = call.body_object()?;
    conditional::check_write(call, org.live(id).map_err(|it| vec![it])?)?;
    let changes = org.read_changes(object, &body, Purpose::Update).map_err(|it| vec![it])?;
    org.update(id, changes, call.user)?;
    Ok(Answer::empty(204))
}

pub(super) fn delete(state: &State, call: &Call<'_>, object: Object, id: &str) -> Answered {
    let mut org = state.org_to_write(call);
    let id = record_named(&org, object, id)?;
    org.delete(id, call.user).map_err(|it| vec![it])?;
    Ok(Answer::empty(204))
}

/// 201 with the new id and its address.
pub(super) fn created(org: &Org, call: &Call<'_>, id: RecordId) -> Answer {
    let body = json!({"id": id.to_string(), "success": true, "errors": []});
    Answer::json(201, &body).with("Location", Renderer::new(org, call.version).url(id))
}

/// The record, whole or by `?fields=`, after its preconditions.
pub(super) fn read(org: &Org, call: &Call<'_>, record: &Record) -> Answered {
    let object = record.id.object;
    let projection = match call.parameter("fields") {
        None => Projection::of_fields(org.visible_fields(object)),
        Some(names) => some_fields(org, object, names)?,
    };
    let answer = match conditional::check_read(call, record)? {
        Freshness::NotModified => Answer::empty(304),
        Freshness::Changed => {
            let mut body = Vec::with_capacity(2048);
            Renderer::new(org, call.version).record(&projection, record, &mut body);
            Answer::bytes(200, body)
        }
    };
    let answer = answer.with("Last-Modified", conditional::to_http_date(record.modified_at));
    Ok(match conditional::etag(record) {
        Some(tag) => answer.with("ETag", tag),
        None => answer,
    })
}

/// The id in a path. A well-formed id that names nothing is not found; anything else is taken
/// for an external id field.
fn record_named(org: &Org, object: Object, text: &str) -> Result<RecordId, Vec<ApiError>> {
    let Some(short) = record_id::read(text) else {
        let message = format!("Provided external ID field does not exist or is not accessible: {text}");
        return Err(vec![ApiError::new(Code::NotFound, message)]);
    };
    let id = RecordId::from_short(&short).filter(|it| it.object == object);
    let known = id.filter(|it| it.number > 0 && it.number < org.table(object).next_number());
    known.ok_or_else(|| vec![ApiError::not_found()])
}

fn some_fields(org: &Org, object: Object, names: &str) -> Result<Projection, Vec<ApiError>> {
    let names = names.split(',').map(str::trim).filter(|it| !it.is_empty());
    let mut fields = vec![org.schema(object).known("Id")];
    for name in names {
        let field = org.field(object, name).ok_or_else(|| {
            let message = format!("No such column '{name}' on entity '{}'", object.name());
            vec![ApiError::new(Code::InvalidField, message)]
        })?;
        if !fields.iter().any(|it| it.name == field.name) {
            fields.push(field);
        }
    }
    Ok(Projection::of_fields(fields.into_iter()))
}
