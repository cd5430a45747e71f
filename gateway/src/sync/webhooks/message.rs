//! What a push names: records of objects, and where it stands in the order of events.
//!
//! Two forms: change events as JSON, one or many, and outbound messages as SOAP (`soap`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The records that a push names, by the CRM's names of their objects.
pub(super) type Named = BTreeMap<String, BTreeSet<String>>;

/// A push, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The records.
    pub(super) named: Named,
    /// Objects of which the sender says that it has lost events.
    pub(super) gaps: Vec<String>,
    /// The first and the last place of its events.
    pub(super) replay_ids: Option<(i64, i64)>,
    /// By which the sender knows it, where it says so itself.
    pub(super) id: Option<String>,
}

/// A push that is neither form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected change events as JSON, or an outbound message as SOAP")]
pub(super) struct NotUnderstood;

impl Message {
    /// Reads a push.
    pub(super) fn read(body: &[u8]) -> Result<Self, NotUnderstood> {
        let body = without_mark(body);
        match first(body) {
            Some(b'{' | b'[') => Self::from_json(body),
            Some(b'<') => super::soap::read(body),
            _ => Err(NotUnderstood),
        }
    }

    fn from_json(body: &[u8]) -> Result<Self, NotUnderstood> {
        let value: Value = serde_json::from_slice(body).map_err(|_| NotUnderstood)?;
        let events = match &value {
            Value::Array(events) => events.as_slice(),
            Value::Object(object) => match object.get("events").and_then(Value::as_array) {
                Some(events) => events.as_slice(),
                None => std::slice::from_ref(&value),
            },
            _ => return Err(NotUnderstood),
        };
        let mut message = Self::default();
        for event in events {
            message.add_event(event)?;
        }
        Ok(message)
    }

    /// A change event: its header names the object and the records. Whatever else it says is not believed.
    fn add_event(&mut self, event: &Value) -> Result<(), NotUnderstood> {
        let data = event.get("data").unwrap_or(event);
        let payload = data.get("payload").unwrap_or(data);
        let header = payload.get("ChangeEventHeader").unwrap_or(payload);
        let object = header["entityName"].as_str().ok_or(NotUnderstood)?;
        let ids = header["recordIds"].as_array().ok_or(NotUnderstood)?;
        for id in ids {
            self.add(object, id.as_str().ok_or(NotUnderstood)?);
        }
        // A gap event names no records, or only some: the sender could not tell all that changed.
        if header["changeType"].as_str().is_some_and(|it| it.starts_with("GAP_")) {
            self.gaps.push(object.to_owned());
        }
        let place = data.pointer("/event/replayId").or_else(|| event.get("replayId"));
        if let Some(place) = place.and_then(Value::as_i64) {
            let (first, last) = self.replay_ids.unwrap_or((place, place));
            self.replay_ids = Some((first.min(place), last.max(place)));
        }
        Ok(())
    }

    /// Names a record, once.
    pub(super) fn add(&mut self, object: &str, id: &str) {
        self.named.entry(object.to_owned()).or_default().insert(id.to_owned());
    }
}

/// Whether a push is an outbound message, whose sender wants to be answered in its form.
pub(super) fn is_soap(body: &[u8]) -> bool {
    first(without_mark(body)) == Some(b'<')
}

/// Some write a byte-order mark before the first character.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn first(body: &[u8]) -> Option<u8> {
    body.iter().copied().find(|it| !it.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_events_name_their_records() {
        let event = r#"{"data":{"schema":"x","payload":{"ChangeEventHeader":{"entityName":"Lead",
            "recordIds":["00Q1","00Q2"],"changeType":"UPDATE"},"Email":"not@believed"},"event":{"replayId":7}}}"#;
        let one = Message::read(event.as_bytes()).unwrap();
        assert_eq!(
            one.named,
            BTreeMap::from([("Lead".to_owned(), ["00Q1".to_owned(), "00Q2".to_owned()].into())])
        );
        assert_eq!((one.replay_ids, one.gaps.len()), (Some((7, 7)), 0));
        let gap = event.replace("UPDATE", "GAP_OVERFLOW").replace("\"replayId\":7", "\"replayId\":9");
        let both = Message::read(format!("{{\"events\":[{event},{gap}]}}").as_bytes()).unwrap();
        assert_eq!((both.replay_ids, both.gaps), (Some((7, 9)), vec!["Lead".to_owned()]));
    }

    #[test]
    fn what_names_no_record_is_no_push() {
        for body in ["", "hello", "{}", "[1]", r#"{"entityName":"Lead"}"#, "<a></b>", "<a/>", "{"] {
            assert_eq!(Message::read(body.as_bytes()), Err(NotUnderstood), "{body}");
        }
    }
}
