//! Rules a whole record must keep: required, lengths, formats, references, uniqueness.
//!
//! All rules report, so that one answer names every fault.

use super::Org;
use super::input::invalid_reference;
use super::record_id::RecordId;
use super::schema::{Field, Kind, Object};
use super::value::{Value, ValueRef};
use crate::rest::error::{ApiError, Code};

impl Org {
    /// Checks the fields a write touches. `values` is the record as it would be.
    pub(super) fn validate(
        &self,
        object: Object,
        own: Option<RecordId>,
        touched: &[usize],
        values: &[Value],
    ) -> Result<(), Vec<ApiError>> {
        let fields = &self.schema(object).fields;
        let mut errors = Vec::new();
        errors.extend(missing_fields(fields, own.is_some(), touched, values));
        for field in touched.iter().map(|index| &fields[*index]) {
            let value = stored(field, values).map_or(ValueRef::Null, Value::borrow);
            errors.extend(self.check_value(field, value).err());
            errors.extend(self.check_unique(object, own, field, value).err());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn check_value(&self, field: &Field, value: ValueRef<'_>) -> Result<(), ApiError> {
        match (field.kind, value) {
            (Kind::Picklist { values, restricted: true }, ValueRef::Text(text))
                if !values.contains(&text) =>
            {
                let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
                Err(ApiError::new(Code::InvalidPicklistValue, message).on(field.name))
            }
            (Kind::Email, ValueRef::Text(text)) if !is_email(text) => {
                let message = format!("{}: invalid email address: {text}", field.label);
                Err(ApiError::new(Code::InvalidEmailAddress, message).on(field.name))
            }
            (kind, ValueRef::Text(text)) if text.chars().count() > kind.length() as usize => {
                let label = field.label;
                let message =
                    format!("{label}: data value too large: {text} (max length={})", field.kind.length());
                Err(ApiError::new(Code::StringTooLong, message).on(field.name))
            }
            (Kind::Reference { .. }, ValueRef::Id(id)) if !self.is_live(id) => Err(invalid_reference(field)),
            _ => Ok(()),
        }
    }

    fn check_unique(
        &self,
        object: Object,
        own: Option<RecordId>,
        field: &Field,
        value: ValueRef<'_>,
    ) -> Result<(), ApiError> {
        let ValueRef::Text(text) = value else { return Ok(()) };
        if !field.unique {
            return Ok(());
        }
        let holders = self.table(object).with_external_id(field.slot, text);
        match holders.into_iter().find(|it| own.is_none_or(|own| own.number != *it)) {
            None => Ok(()),
            Some(number) => {
                let holder = RecordId::new(object, number).to_short();
                let holder = String::from_utf8_lossy(&holder);
                let name = field.name;
                let message =
                    format!("duplicate value found: {name} duplicates value on record with id: {holder}");
                Err(ApiError::new(Code::DuplicateValue, message))
            }
        }
    }
}

/// One error that names all missing fields: on create those not given, on update those cleared.
fn missing_fields(fields: &[Field], exists: bool, touched: &[usize], values: &[Value]) -> Option<ApiError> {
    let is_missing = |index: usize, field: &Field| {
        let in_question = if exists { touched.contains(&index) } else { field.is_required_on_create() };
        in_question && field.required && stored(field, values) == Some(&Value::Null)
    };
    let missing = fields.iter().enumerate().filter(|(index, field)| is_missing(*index, field));
    let missing: Vec<String> = missing.map(|(_, field)| field.name.to_owned()).collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!("Required fields are missing: [{}]", missing.join(", "));
    Some(ApiError { fields: missing, ..ApiError::new(Code::RequiredFieldMissing, message) })
}

fn stored<'a>(field: &Field, values: &'a [Value]) -> Option<&'a Value> {
    match field.slot {
        super::schema::Slot::Stored(slot) => values.get(slot as usize),
        _ => None,
    }
}

/// As lenient as the vendor's check: one `@`, a dotted domain, nothing outside printable ASCII.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_plain = |it: char| it.is_ascii_graphic() && !"@,;:<>()[]\\\"".contains(it);
    let has_dots_in_place = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.contains("..")
    };
    has_dots_in_place(local)
        && has_dots_in_place(domain)
        && domain.contains('.')
        && local.chars().all(is_plain)
        && domain.chars().all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '.')
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn mail_addresses() {
        for good in ["a@b.co", "taro.yamada+x@mail.example.co.jp", "o'neil@example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "a", "a@b", "a@@b.co", "a@b..co", "山田@example.com", "a b@example.com", "a@-b.", ".a@b.co"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
