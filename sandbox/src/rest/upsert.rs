//! One record by external id: read, upsert, delete.

use serde_json::{Map, Value as Json, json};

use super::error::{ApiError, Code};
use super::{Answer, Answered, Call, conditional, record};
use crate::org::Org;
use crate::org::input::Purpose;
use crate::org::record_id::RecordId;
use crate::org::schema::{Field, Object, Slot};
use crate::soql::render::Renderer;
use crate::state::State;

/// What an upsert did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upserted {
    pub(super) id: RecordId,
    pub(super) created: bool,
}

pub(super) fn get(state: &State, call: &Call<'_>, object: Object, field: &str, value: &str) -> Answered {
    let org = state.org();
    match &holders(&org, object, field, value)?[..] {
        [] => Err(vec![ApiError::not_found()]),
        [id] => record::read(&org, call, org.live(*id).map_err(|it| vec![it])?),
        several => Ok(multiple(&org, call, several)),
    }
}

pub(super) fn delete(state: &State, call: &Call<'_>, object: Object, field: &str, value: &str) -> Answered {
    let mut org = state.org_to_write(call);
    match &holders(&org, object, field, value)?[..] {
        [] => Err(vec![ApiError::not_found()]),
        [id] => org.delete(*id, call.user).map(|()| Answer::empty(204)).map_err(|it| vec![it]),
        several => Ok(multiple(&org, call, several)),
    }
}

pub(super) fn upsert(state: &State, call: &Call<'_>, object: Object, field: &str, value: &str) -> Answered {
    let body = call.body_object()?;
    let mut org = state.org_to_write(call);
    let found = holders(&org, object, field, value)?;
    if found.len() > 1 {
        return Ok(multiple(&org, call, &found));
    }
    let update_only = call.parameter("updateOnly").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    if found.is_empty() && update_only {
        return Err(vec![ApiError::not_found()]);
    }
    if let [id] = found[..] {
        conditional::check_write(call, org.live(id).map_err(|it| vec![it])?)?;
    }
    let done = write(&mut org, object, field, value, &body, call.user)?;
    let answer = json!({"id": done.id.to_string(), "success": true, "errors": [], "created": done.created});
    match done.created {
        true => {
            Ok(Answer::json(201, &answer).with("Location", Renderer::new(&org, call.version).url(done.id)))
        }
        // Since v46.0; before, an update had nothing to say.
        false if version_number(call.version) < 46 => Ok(Answer::empty(204)),
        false => Ok(Answer::json(200, &answer)),
    }
}

/// Updates the one record with this value, or creates it. The caller has excluded several.
pub(super) fn write(
    org: &mut Org,
    object: Object,
    name: &str,
    value: &str,
    body: &Map<String, Json>,
    user: RecordId,
) -> Result<Upserted, Vec<ApiError>> {
    let field = external_field(org, object, name)?;
    if body.keys().any(|it| it.eq_ignore_ascii_case(field.name)) {
        let message = format!("The {} field should not be specified in the sobject data.", field.name);
        return Err(vec![ApiError::new(Code::InvalidField, message).on(field.name)]);
    }
    if let [id] = holders(org, object, name, value)?[..] {
        let changes = org.read_changes(object, body, Purpose::Update).map_err(|it| vec![it])?;
        org.update(id, changes, user)?;
        return Ok(Upserted { id, created: false });
    }
    if field.slot == Slot::Id {
        return Err(vec![ApiError::not_found()]);
    }
    let mut body = body.clone();
    body.insert(field.name.to_owned(), Json::String(value.to_owned()));
    let changes = org.read_changes(object, &body, Purpose::Create).map_err(|it| vec![it])?;
    Ok(Upserted { id: org.create(object, changes, user)?, created: true })
}

/// Live records with this value; by `Id` at most one.
pub(super) fn holders(
    org: &Org,
    object: Object,
    name: &str,
    value: &str,
) -> Result<Vec<RecordId>, Vec<ApiError>> {
    let field = external_field(org, object, name)?;
    if field.slot == Slot::Id {
        let id = RecordId::parse(value).filter(|it| it.object == object && org.is_live(*it));
        return Ok(id.into_iter().collect());
    }
    let numbers = org.table(object).with_external_id(field.slot, value);
    Ok(numbers.into_iter().map(|it| RecordId::new(object, it)).collect())
}

fn external_field(org: &Org, object: Object, name: &str) -> Result<&'static Field, Vec<ApiError>> {
    org.field(object, name).filter(|it| it.external_id || it.slot == Slot::Id).ok_or_else(|| {
        let message = format!("Provided external ID field does not exist or is not accessible: {name}");
        vec![ApiError::new(Code::NotFound, message)]
    })
}

/// 300: the value is not unique, and nothing was changed.
fn multiple(org: &Org, call: &Call<'_>, ids: &[RecordId]) -> Answer {
    let renderer = Renderer::new(org, call.version);
    let urls: Vec<String> = ids.iter().map(|it| renderer.url(*it)).collect();
    Answer::json(300, &json!(urls))
}

fn version_number(version: &str) -> u32 {
    version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok()).unwrap_or(0)
}
