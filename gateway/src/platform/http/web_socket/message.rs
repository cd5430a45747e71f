//! What client and server say to each other, and the reasons for which they part.
//!
//! Here: the messages of the graphql-transport-ws protocol, understood and written. Not here: who says what when (`session`).

use axum::extract::ws::CloseFrame;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::limits::Parameters;

/// The name of the protocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";
/// Characters of the name of an operation that a reason quotes: reasons have at most 123 bytes.
const MOST_QUOTED: usize = 15;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said {
    ConnectionInit {
        payload: Option<Map<String, Value>>,
    },
    Ping {
        #[expect(dead_code, reason = "must be an object where it is given; nothing in it is used")]
        payload: Option<Map<String, Value>>,
    },
    Pong {
        #[expect(dead_code, reason = "must be an object where it is given; nothing in it is used")]
        payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

impl Said {
    pub(super) fn read(text: &str) -> Result<Self, Parting> {
        match serde_json::from_str(text) {
            Ok(Self::Subscribe { id, .. } | Self::Complete { id }) if id.is_empty() => {
                Err(Parting::InvalidMessage)
            }
            Ok(said) => Ok(said),
            Err(_) => Err(Parting::InvalidMessage),
        }
    }
}

/// Why a socket is closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Parting {
    /// The other side has left.
    #[error("")]
    Gone,
    #[error("going away; connect again")]
    Leaving,
    #[error("Invalid message")]
    InvalidMessage,
    #[error("Unauthorized")]
    Unauthorized,
    #[error("Forbidden")]
    Forbidden,
    #[error("Subprotocol not acceptable")]
    OtherProtocol,
    #[error("Connection initialisation timeout")]
    InitTimeout,
    #[error("Subscriber for {0} already exists")]
    SubscriberExists(String),
    #[error("Too many initialisation requests")]
    TooManyInits,
}

impl Parting {
    pub(super) fn of_subscriber(id: &str) -> Self {
        Self::SubscriberExists(id.chars().take(MOST_QUOTED).collect())
    }

    /// What the other side is told, if it is there. Clients try again after 4403 and 1001, perhaps with a new token, and
    /// give up after the others.
    pub(super) fn frame(&self) -> Option<CloseFrame> {
        let code = match self {
            Self::Gone => return None,
            Self::Leaving => 1001,
            Self::InvalidMessage => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::OtherProtocol => 4406,
            Self::InitTimeout => 4408,
            Self::SubscriberExists(_) => 4409,
            Self::TooManyInits => 4429,
        };
        Some(CloseFrame { code, reason: self.to_string().into() })
    }
}

pub(super) const ACK: &str = r#"{"type":"connection_ack"}"#;
pub(super) const PING: &str = r#"{"type":"ping"}"#;
pub(super) const PONG: &str = r#"{"type":"pong"}"#;

/// What the server says of an operation; the payload is JSON.
pub(super) fn of_operation(id: &str, kind: &str, payload: Option<&str>) -> String {
    let id = Value::from(id);
    match payload {
        Some(payload) => format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#),
        None => format!(r#"{{"id":{id},"type":"{kind}"}}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_of_the_protocol_is_refused() {
        for wrong in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","query":"{b}"}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
        ] {
            assert_eq!(Said::read(wrong).err(), Some(Parting::InvalidMessage), "{wrong}");
        }
    }

    #[test]
    fn a_reason_is_short_whatever_a_client_calls_its_operation() {
        let frame = Parting::of_subscriber(&"あ".repeat(1_000)).frame().unwrap();
        assert!(frame.reason.len() <= 123);
    }

    #[test]
    fn a_name_is_written_as_json() {
        assert_eq!(of_operation("a\"b", "complete", None), r#"{"id":"a\"b","type":"complete"}"#);
        assert_eq!(of_operation("1", "next", Some("{}")), r#"{"id":"1","type":"next","payload":{}}"#);
    }
}
