//! `describe`: every attribute of every field the caller may see.

use serde_json::{Value as Json, json};

use super::{Answer, Answered, Call, conditional, sobjects};
use crate::org::schema::field::Default;
use crate::org::schema::{ChildRelationship, Field, Kind, Object, Slot};
use crate::soql::is_filterable;
use crate::state::State;

pub(super) fn describe(state: &State, call: &Call<'_>, object: Object) -> Answered {
    let org = state.org();
    let since = call.header("if-modified-since").and_then(conditional::http_date);
    let changed_at = state.schema_changed_at();
    if since.is_some_and(|it| changed_at <= it) {
        return Ok(Answer::empty(304));
    }
    let mut body = sobjects::summary(call, object);
    let fields: Vec<Json> = org.visible_fields(object).map(field).collect();
    let children: Vec<Json> = org.schema(object).children().into_iter().map(child).collect();
    body.insert("fields".into(), json!(fields));
    body.insert("childRelationships".into(), json!(children));
    body.insert("recordTypeInfos".into(), json!([master_record_type(call, object)]));
    body.insert("supportedScopes".into(), json!([{"label": "All", "name": "everything"}]));
    body.insert("actionOverrides".into(), json!([]));
    body.insert("namedLayoutInfos".into(), json!([]));
    body.insert("listviewable".into(), Json::Null);
    body.insert("lookupLayoutable".into(), Json::Null);
    body.insert("searchLayoutable".into(), json!(true));
    body.insert("compactLayoutable".into(), json!(true));
    body.insert("networkScopeFieldName".into(), Json::Null);
    body.insert("sobjectDescribeOption".into(), json!("FULL"));
    Ok(Answer::json(200, &Json::Object(body)).with("Last-Modified", conditional::to_http_date(changed_at)))
}

/// All attributes, in the vendor's alphabetical order.
fn field(field: &Field) -> Json {
    let (mut attributes, rest) = (attributes_to_label(field), attributes_from_length(field));
    if let (Json::Object(attributes), Json::Object(rest)) = (&mut attributes, rest) {
        attributes.extend(rest);
    }
    attributes
}

fn attributes_to_label(field: &Field) -> Json {
    let kind = field.kind;
    let filterable = is_filterable(field);
    json!({
        "aggregatable": filterable && kind != Kind::Boolean,
        "aiPredictionField": false,
        "autoNumber": false,
        "byteLength": kind.length() * if matches!(kind, Kind::Id | Kind::Reference { .. }) { 1 } else { 3 },
        "calculated": false,
        "calculatedFormula": null,
        "cascadeDelete": matches!(kind, Kind::Reference { cascade: true, .. }),
        "caseSensitive": false,
        "compoundFieldName": compound_of(field),
        "controllerName": null,
        "createable": field.createable,
        "custom": field.is_custom(),
        "defaultValue": default_value(field),
        "defaultValueFormula": null,
        "defaultedOnCreate": field.default.is_some() || is_system(field),
        "dependentPicklist": false,
        "deprecatedAndHidden": false,
        "digits": numbers(kind).2,
        "displayLocationInDecimal": false,
        "encrypted": false,
        "externalId": field.external_id,
        "extraTypeInfo": null,
        "filterable": filterable,
        "filteredLookupInfo": null,
        "formulaTreatNullNumberAsZero": false,
        "groupable": filterable && !matches!(kind, Kind::DateTime | Kind::Number { .. } | Kind::Currency | Kind::Percent),
        "highScaleNumber": false,
        "htmlFormatted": false,
        "idLookup": field.id_lookup,
        "inlineHelpText": null,
        "label": field.label,
    })
}

fn attributes_from_length(field: &Field) -> Json {
    let kind = field.kind;
    let (precision, scale, _) = numbers(kind);
    let (refers_to, relationship) = reference(field);
    let is_polymorphic = refers_to.len() > 1;
    json!({
        "length": kind.length(),
        "mask": null,
        "maskType": null,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": is_polymorphic,
        "nillable": !field.required,
        "permissionable": !field.required && field.createable,
        "picklistValues": picklist_values(field),
        "polymorphicForeignKey": is_polymorphic,
        "precision": precision,
        "queryByDistance": kind == Kind::Address,
        "referenceTargetField": null,
        "referenceTo": refers_to,
        "relationshipName": relationship,
        "relationshipOrder": null,
        "restrictedDelete": false,
        "restrictedPicklist": matches!(kind, Kind::Picklist { restricted: true, .. }),
        "scale": scale,
        "searchPrefilterable": relationship.is_some(),
        "soapType": soap_type(kind),
        "sortable": is_filterable(field),
        "type": kind.name(),
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": false,
    })
}

/// Precision, scale, digits.
fn numbers(kind: Kind) -> (u8, u8, u8) {
    match kind {
        Kind::Int => (0, 0, 9),
        Kind::Number { precision, scale } => (precision, scale, 0),
        Kind::Currency => (18, 2, 0),
        Kind::Percent => (5, 2, 0),
        _ => (0, 0, 0),
    }
}

fn reference(field: &Field) -> (Vec<&'static str>, Option<&'static str>) {
    let Kind::Reference { to, relationship, .. } = field.kind else { return (Vec::new(), None) };
    let mut names: Vec<_> = to.iter().map(|it| it.name()).collect();
    if field.name == "OwnerId" {
        // Queues may own records too, though this org has none.
        names.insert(0, "Group");
    }
    (names, Some(relationship))
}

fn picklist_values(field: &Field) -> Vec<Json> {
    let Kind::Picklist { values, .. } = field.kind else { return Vec::new() };
    let default = match field.default {
        Some(Default::Text(text)) => text,
        _ => "",
    };
    let value = |it: &&str| json!({"active": true, "defaultValue": *it == default, "label": it, "validFor": null, "value": it});
    values.iter().map(value).collect()
}

fn default_value(field: &Field) -> Json {
    match field.default {
        Some(Default::False) => json!(false),
        Some(Default::Text(text)) => json!(text),
        Some(Default::Creator) | None => Json::Null,
    }
}

fn is_system(field: &Field) -> bool {
    !matches!(field.slot, Slot::Stored(_) | Slot::Address(_) | Slot::Unassigned)
}

/// Address parts and name parts belong to a compound.
fn compound_of(field: &Field) -> Option<String> {
    if field.is_custom() {
        return None;
    }
    if matches!(field.name, "FirstName" | "LastName" | "Salutation") {
        return Some("Name".to_owned());
    }
    let parts = ["Street", "City", "State", "PostalCode", "Country"];
    let prefix = parts.iter().find_map(|it| field.name.strip_suffix(it))?;
    ["", "Billing", "Shipping", "Mailing"].contains(&prefix).then(|| format!("{prefix}Address"))
}

fn soap_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference { .. } => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Int => "xsd:int",
        Kind::Number { .. } | Kind::Currency | Kind::Percent => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        Kind::Address => "urn:address",
        _ => "xsd:string",
    }
}

fn child(it: ChildRelationship) -> Json {
    json!({
        "cascadeDelete": it.cascade_delete,
        "childSObject": it.child.name(),
        "deprecatedAndHidden": false,
        "field": it.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": it.relationship,
        "restrictedDelete": false,
    })
}

fn master_record_type(call: &Call<'_>, object: Object) -> Json {
    let name = object.name();
    let layout =
        format!("/services/data/{}/sobjects/{name}/describe/layouts/012000000000000AAA", call.version);
    json!({
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": true,
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": layout},
    })
}
