//! From a request's JSON body to typed values, field by field.
//!
//! Here: which keys a body may hold, and reading one value by its field's type.
//! Not here: rules over whole records (`validate`).

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value as Json};

use super::Org;
use super::record_id::{self, RecordId};
use super::schema::{Field, Kind, Object, Slot};
use super::value::Value;
use crate::rest::error::{ApiError, Code};

/// What a write says, by the field's place in the schema. A missing field is left alone.
pub(crate) type Changes = Vec<(usize, Value)>;

/// Whether a body is for a new record or an existing one: it decides which fields may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

impl Org {
    /// Reads a body; refuses unknown, hidden and read-only fields, and values of the wrong type.
    pub(crate) fn read_changes(
        &self,
        object: Object,
        body: &Map<String, Json>,
        purpose: Purpose,
    ) -> Result<Changes, ApiError> {
        let mut changes = Changes::new();
        let mut locked = Vec::new();
        for (key, json) in body.iter().filter(|(key, _)| *key != "attributes") {
            let Some(index) = self.field_index(object, key) else {
                changes.push(self.parent_by_external_id(object, key, json)?);
                continue;
            };
            let field = &self.schema(object).fields[index];
            if field.slot == Slot::Id {
                return Err(id_in_body(purpose));
            }
            match is_writable(field, purpose) {
                true => changes.push((index, read_value(field, json)?)),
                false => locked.push(field.name),
            }
        }
        if locked.is_empty() { Ok(changes) } else { Err(not_writable(&locked)) }
    }

    /// `"Account": {"External_Id__c": "42"}` sets `AccountId`.
    fn parent_by_external_id(
        &self,
        object: Object,
        key: &str,
        json: &Json,
    ) -> Result<(usize, Value), ApiError> {
        let unknown = || {
            let message = format!("No such column '{key}' on sobject of type {}", object.name());
            ApiError::new(Code::InvalidField, message)
        };
        let keys = json.as_object().ok_or_else(unknown)?;
        let fields = &self.schema(object).fields;
        let is_named = |field: &Field| matches!(field.kind, Kind::Reference { relationship, .. } if relationship.eq_ignore_ascii_case(key));
        let index = fields.iter().position(is_named).ok_or_else(unknown)?;
        let Kind::Reference { to, .. } = fields[index].kind else { return Err(unknown()) };
        let (name, value) = keys.iter().find(|(name, _)| *name != "attributes").ok_or_else(unknown)?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        for parent in to {
            let field = self.field(*parent, name).filter(|it| it.external_id);
            let numbers =
                field.map(|it| self.table(*parent).with_external_id(it.slot, &value)).unwrap_or_default();
            if let [number] = numbers[..] {
                return Ok((index, Value::Id(RecordId::new(*parent, number))));
            }
        }
        let message =
            format!("Foreign key external ID: {value} not found for field {name} in entity {}", to[0].name());
        Err(ApiError::new(Code::InvalidField, message))
    }
}

/// Reads one value by its field's type; empty text is null.
pub(crate) fn read_value(field: &Field, json: &Json) -> Result<Value, ApiError> {
    match (field.kind, json) {
        (Kind::Boolean, Json::Bool(it)) => Ok(Value::Bool(*it)),
        (Kind::Boolean, Json::String(it)) if it == "true" || it == "false" => Ok(Value::Bool(it == "true")),
        (Kind::Boolean, _) => {
            let message = format!("{}: value not of required type: {}", field.label, shown(json));
            Err(ApiError::new(Code::InvalidTypeOnField, message).on(field.name))
        }
        (_, Json::Null) => Ok(Value::Null),
        (kind, Json::String(text)) if kind.is_text() => Ok(Value::text(text.as_str())),
        (kind, Json::Number(_) | Json::Bool(_)) if kind.is_text() => Ok(Value::Text(json.to_string())),
        (kind, _) if kind.is_number() => read_number(field, json),
        (Kind::Date, Json::String(text)) => read_date(text).ok_or_else(|| undecodable("date", json)),
        (Kind::DateTime, Json::String(text)) => {
            read_datetime(text).ok_or_else(|| undecodable("dateTime", json))
        }
        (Kind::Reference { to, .. }, Json::String(text)) => read_reference(field, to, text),
        (kind, _) => Err(undecodable(kind.name(), json)),
    }
}

/// `2030-01-31`.
pub(crate) fn read_date(text: &str) -> Option<Value> {
    let date = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    // A full date-time is also taken for a date, as the vendor does.
    if text.len() > 10 && read_datetime(text).is_none() {
        return None;
    }
    Some(Value::Date(days(date)))
}

/// Every zone form the vendor takes: `Z`, `+0900`, `+09:00`; milliseconds are dropped.
pub(crate) fn read_datetime(text: &str) -> Option<Value> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let parsed = parsed.map(|it| it.timestamp());
    let unzoned =
        |_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|it| it.and_utc().timestamp());
    parsed.or_else(unzoned).ok().map(Value::DateTime)
}

/// Days since 1970-01-01.
pub(crate) fn days(date: NaiveDate) -> i32 {
    date.signed_duration_since(DateTime::UNIX_EPOCH.date_naive()).num_days() as i32
}

fn read_number(field: &Field, json: &Json) -> Result<Value, ApiError> {
    let number = match json {
        Json::Number(it) => it.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number =
        number.filter(|it: &f64| it.is_finite()).ok_or_else(|| undecodable(field.kind.name(), json))?;
    let limit = match field.kind {
        Kind::Int => 1e9,
        Kind::Number { precision, scale } => 10f64.powi((precision - scale).into()),
        _ => 1e16,
    };
    if number.abs() >= limit {
        let message = format!("{}: value outside of valid range on numeric field: {number}", field.label);
        return Err(ApiError::new(Code::NumberOutsideValidRange, message).on(field.name));
    }
    let scale = match field.kind {
        Kind::Int => 0,
        Kind::Number { scale, .. } => scale.into(),
        _ => 2,
    };
    let unit = 10f64.powi(scale);
    Ok(Value::Number((number * unit).round() / unit))
}

fn read_reference(field: &Field, to: &[Object], text: &str) -> Result<Value, ApiError> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let malformed = || {
        let message = format!("{}: id value of incorrect type: {text}", field.label);
        ApiError::new(Code::MalformedId, message).on(field.name)
    };
    let id = record_id::read(text).ok_or_else(malformed)?;
    let prefix = &id[..3];
    if !to.iter().any(|it| it.key_prefix().as_bytes() == prefix) {
        return Err(malformed());
    }
    RecordId::from_short(&id).map(Value::Id).ok_or_else(|| invalid_reference(field))
}

pub(crate) fn invalid_reference(field: &Field) -> ApiError {
    ApiError::new(Code::InvalidCrossReferenceKey, "invalid cross reference id").on(field.name)
}

fn is_writable(field: &Field, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Create => field.createable,
        Purpose::Update => field.updateable,
    }
}

fn id_in_body(purpose: Purpose) -> ApiError {
    let message = match purpose {
        Purpose::Create => "cannot specify Id in an insert call",
        Purpose::Update => "The Id field should not be specified in the sobject data.",
    };
    ApiError::new(Code::InvalidField, message).on("Id")
}

fn not_writable(names: &[&str]) -> ApiError {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it \
         is read/write for your profile or permission set.",
        names.join(", ")
    );
    let mut error = ApiError::new(Code::InvalidFieldForInsertUpdate, message);
    error.fields = names.iter().map(|it| (*it).to_owned()).collect();
    error
}

fn undecodable(kind: &str, json: &Json) -> ApiError {
    let token = match json {
        Json::String(_) => "VALUE_STRING",
        Json::Number(_) => "VALUE_NUMBER_FLOAT",
        Json::Bool(true) => "VALUE_TRUE",
        Json::Bool(false) => "VALUE_FALSE",
        Json::Array(_) => "START_ARRAY",
        Json::Object(_) => "START_OBJECT",
        Json::Null => "VALUE_NULL",
    };
    let message = format!(
        "Cannot deserialize instance of {kind} from {token} value {} or request may be missing a required field",
        shown(json)
    );
    ApiError::new(Code::JsonParserError, message)
}

fn shown(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::schema::ObjectSchema;

    #[test]
    fn any_value_is_read_or_refused() {
        let values = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!(u64::MAX),
            json!(""),
            json!(" "),
            json!("x".repeat(70_000)),
            json!("2024-02-30"),
            json!("2024-02-29T25:00:00Z"),
            json!("99999-01-01"),
            json!("日本語日本語"),
            json!("00Q5g0000000001"),
            json!([]),
            json!({"a": {"b": []}}),
        ];
        for object in Object::ALL {
            for field in &ObjectSchema::of(object).fields {
                for value in &values {
                    let read = read_value(field, value);
                    assert!(read.is_err() || *value != json!([]), "{} takes a list", field.name);
                }
            }
        }
    }

    #[test]
    fn a_date_may_come_with_a_time() {
        assert_eq!(read_date("2024-01-31"), Some(Value::Date(19_753)));
        assert_eq!(read_date("2024-01-31T10:00:00Z"), Some(Value::Date(19_753)));
        assert_eq!(read_date("2024-01-31x"), None);
    }
}
