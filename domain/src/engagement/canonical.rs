//! When two reports are the same event: the key, and a form that is equal for equal content.

use serde_json::Value;

use super::screening::ReportedEvent;

/// Longest name of a source and longest event id, in bytes.
const MAX_PART: usize = 128;

/// What identifies an event: the system that reports it and the id it gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct EventKey {
    source: String,
    event_id: String,
}

/// A key that identifies nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{part}` is 1 to {MAX_PART} visible ASCII characters; send the id that your system gave the event")]
pub struct InvalidEventKey {
    /// Which part.
    pub part: &'static str,
}

impl EventKey {
    /// The key of an event of a source.
    pub fn new(source: &str, event_id: &str) -> Result<Self, InvalidEventKey> {
        let check = |part, text: &str| {
            let fits = (1..=MAX_PART).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
            if fits { Ok(text.to_owned()) } else { Err(InvalidEventKey { part }) }
        };
        Ok(Self { source: check("source", source)?, event_id: check("eventId", event_id)? })
    }

    /// The system that reports.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The id that it gave.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }
}

/// The content of an event as one text: equal for equal content, whatever the order of fields, the offset of the time
/// or the spacing. Two reports with one key and different forms contradict each other.
pub fn canonical_form(event: &ReportedEvent) -> String {
    // Microseconds, because that is what the store keeps.
    let occurred_at = event.occurred_at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    let optional = |it: Option<String>| it.unwrap_or_else(|| "-".to_owned());
    let head = [
        event.kind.clone(),
        event.partner_id.to_string(),
        optional(event.user_id.map(|it| it.to_string())),
        optional(event.asset_version_id.map(|it| it.to_string())),
        event.channel.code().to_owned(),
        occurred_at.to_string(),
    ];
    let mut form = head.join("|");
    form.push('|');
    write_sorted(&mut form, &Value::Object(event.payload.clone()));
    form
}

/// JSON with the fields of every object sorted, and fields that are null left out.
fn write_sorted(form: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().filter(|(_, it)| !it.is_null()).collect();
            fields.sort_by_key(|(name, _)| *name);
            write_list(form, ['{', '}'], fields, |form, (name, value)| {
                form.push_str(&Value::from(name.as_str()).to_string());
                form.push(':');
                write_sorted(form, value);
            });
        }
        Value::Array(items) => write_list(form, ['[', ']'], items, write_sorted),
        other => form.push_str(&other.to_string()),
    }
}

fn write_list<T>(
    form: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut String, T),
) {
    form.push(open);
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            form.push(',');
        }
        write(form, item);
    }
    form.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(line: &str) -> String {
        canonical_form(&serde_json::from_str(line).unwrap())
    }

    #[test]
    fn order_offset_and_spacing_change_nothing() {
        let partner = "00000000-0000-0000-0000-000000000001";
        let one = form(&format!(
            r#"{{"eventId":"1","kind":"faq.viewed","partnerId":"{partner}","occurredAt":"2026-06-01T09:00:00+09:00","payload":{{"seconds":10,"helpful":true}}}}"#
        ));
        let other = form(&format!(
            r#"{{ "payload": {{ "helpful": true, "note": null, "seconds": 10 }}, "occurredAt": "2026-06-01T00:00:00.000Z", "partnerId": "{partner}", "kind": "faq.viewed", "eventId": "1" }}"#
        ));
        assert_eq!(one, other);
        assert!(
            one.ends_with(r#"|PORTAL|2026-06-01T00:00:00.000000Z|{"helpful":true,"seconds":10}"#),
            "{one}"
        );
    }

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(EventKey::new("lms", "a-1").is_ok());
        assert_eq!(EventKey::new("lms", ""), Err(InvalidEventKey { part: "eventId" }));
        assert_eq!(EventKey::new("l ms", "a-1"), Err(InvalidEventKey { part: "source" }));
        assert!(EventKey::new("lms", &"x".repeat(129)).is_err());
    }
}
