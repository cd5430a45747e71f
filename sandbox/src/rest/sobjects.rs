//! The list of objects and one object's summary.

use serde_json::{Map, Value as Json, json};

use super::{Answer, Answered, Call};
use crate::org::record_id::RecordId;
use crate::org::schema::Object;
use crate::soql::render::{Projection, Renderer};
use crate::state::State;

/// How many records `recentItems` shows.
const RECENT: usize = 5;

pub(super) fn list(call: &Call<'_>) -> Answered {
    let objects: Vec<Json> = Object::ALL.into_iter().map(|it| Json::Object(summary(call, it))).collect();
    Ok(Answer::json(200, &json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})))
}

pub(super) fn info(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let org = state.org();
    let renderer = Renderer::new(&org, call.version);
    let fields = org.schema(object).fields.iter().filter(|it| it.name_field || it.name == "Id");
    let projection = Projection::of_fields(fields);
    let latest = org.table(object).by_stamp(i64::MIN..=i64::MAX).rev();
    let recent = latest.map(|it| RecordId::new(object, it)).filter(|it| org.is_live(*it)).take(RECENT);
    let mut body = format!("{{\"objectDescribe\":{},\"recentItems\":[", Json::Object(summary(call, object)))
        .into_bytes();
    for (place, record) in recent.filter_map(|it| org.record(it)).enumerate() {
        if place > 0 {
            body.push(b',');
        }
        renderer.record(&projection, record, &mut body);
    }
    body.extend_from_slice(b"]}");
    Ok(Answer::bytes(200, body))
}

/// What is said of an object wherever it is listed.
pub(super) fn summary(call: &Call<'_>, object: Object) -> Map<String, Json> {
    let name = object.name();
    let base = format!("/services/data/{}/sobjects/{name}", call.version);
    let can_be_deleted = object.has_recycle_bin();
    let summary = json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "createable": true,
        "custom": false,
        "customSetting": false,
        "deepCloneable": false,
        "deletable": can_be_deleted,
        "deprecatedAndHidden": false,
        "feedEnabled": true,
        "hasSubtypes": false,
        "implementedBy": null,
        "implementsInterfaces": null,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": object.key_prefix(),
        "label": name,
        "labelPlural": object.label_plural(),
        "layoutable": true,
        "mergeable": object.is_mergeable(),
        "mruEnabled": true,
        "name": name,
        "queryable": true,
        "replicateable": true,
        "retrieveable": true,
        "searchable": true,
        "triggerable": true,
        "undeletable": can_be_deleted,
        "updateable": true,
        "urls": {
            "sobject": base,
            "describe": format!("{base}/describe"),
            "rowTemplate": format!("{base}/{{ID}}"),
        },
    });
    match summary {
        Json::Object(map) => map,
        _ => unreachable!("the literal above is an object"),
    }
}
