//! A client that knows the protocol, and clients that do not.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use chrono::TimeDelta;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::platform::config;
use crate::platform::config::server::Limits;
use crate::platform::http::tests::Server;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A socket whose other side the test plays.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(server: &Server, protocol: Option<&str>) -> Self {
        let address = format!("ws://{}/graphql", server.listen().await);
        let mut request = address.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol.parse().unwrap());
        }
        Self(connect_async(request).await.unwrap().0)
    }

    /// A socket that is known.
    async fn known(server: &Server) -> Self {
        let mut client = Self::connect(server, Some("graphql-transport-ws")).await;
        let authorization = format!("Bearer {}", server.token);
        client.say(json!({"type": "connection_init", "payload": {"Authorization": authorization}})).await;
        assert_eq!(client.next().await, json!({"type": "connection_ack"}));
        client
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    /// The next frame but the pings of the protocol.
    async fn frame(&mut self) -> Option<Message> {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.expect("in time") {
                Some(Ok(Message::Text(text))) if text.as_str() == r#"{"type":"ping"}"# => {
                    self.say(json!({"type": "pong"})).await;
                }
                other => return other.and_then(Result::ok),
            }
        }
    }

    async fn next(&mut self) -> Value {
        match self.frame().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The code that the socket is closed with.
    async fn closed(&mut self) -> u16 {
        match self.frame().await {
            Some(Message::Close(Some(frame))) => frame.code.into(),
            other => panic!("{other:?}"),
        }
    }
}

fn quick(limits: Limits) -> config::Server {
    config::Server {
        heartbeat: Duration::from_millis(50),
        init_timeout: Duration::from_millis(100),
        request_timeout: Duration::from_millis(200),
        limits,
        ..config::Server::default()
    }
}

async fn server() -> Server {
    Server::configured(quick(Limits::default()), vec![]).await
}

#[tokio::test]
async fn one_socket_carries_many_operations() {
    let server = server().await;
    let mut client = Client::known(&server).await;
    for (id, query, data) in
        [("1", "{ ping }", json!({"ping": "pong"})), ("2", "mutation { change }", json!({"change": true}))]
    {
        client.subscribe(id, query).await;
        let next = client.next().await;
        assert_eq!((&next["id"], &next["type"]), (&json!(id), &json!("next")));
        assert_eq!(next["payload"]["data"], data);
        assert!(next["payload"]["extensions"]["requestId"].is_string());
        assert_eq!(client.next().await, json!({"id": id, "type": "complete"}));
    }
    client.subscribe("silence", "subscription { silence }").await;
    client.subscribe("numbers", "subscription { numbers(to: 2) }").await;
    for number in [1, 2] {
        assert_eq!(client.next().await["payload"]["data"]["numbers"], number);
    }
    assert_eq!(client.next().await, json!({"id": "numbers", "type": "complete"}));
    client.say(json!({"type": "complete", "id": "silence"})).await;
    client.subscribe("silence", "{ ping }").await;
    assert_eq!(client.next().await["payload"]["data"]["ping"], "pong", "the name is free again");
}

#[tokio::test]
async fn a_request_that_is_wrong_is_an_error_of_its_operation() {
    let server = server().await;
    let mut client = Client::known(&server).await;
    for (query, code) in [
        ("{ ping", "MALFORMED_DOCUMENT"),
        ("", "BAD_REQUEST"),
        ("{ never }", "TIMEOUT"),
        ("{ panics }", "INTERNAL"),
    ] {
        client.subscribe("1", query).await;
        let error = client.next().await;
        assert_eq!(error["type"], "error", "{error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{error}");
    }
    client.subscribe("1", "{ unknown }").await;
    assert_eq!(client.next().await["type"], "error");
    client.subscribe("1", "{ ping broken }").await;
    let next = client.next().await;
    assert_eq!((&next["type"], &next["payload"]["data"]["ping"]), (&json!("next"), &json!("pong")));
}

#[tokio::test]
async fn operations_of_a_socket_have_a_number() {
    let limits = Limits { operations_per_socket: 1, ..Limits::default() };
    let server = Server::configured(quick(limits), vec![]).await;
    let mut client = Client::known(&server).await;
    client.subscribe("1", "subscription { silence }").await;
    client.subscribe("2", "{ ping }").await;
    let error = client.next().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS", "{error}");
    client.say(json!({"type": "complete", "id": "1"})).await;
    client.subscribe("2", "{ ping }").await;
    assert_eq!(client.next().await["type"], "next");
}

#[tokio::test]
async fn sockets_have_a_number() {
    let limits = Limits { sockets: 1, ..Limits::default() };
    let server = Server::configured(config::Server { limits, ..Default::default() }, vec![]).await;
    let _first = Client::known(&server).await;
    let address = format!("ws://{}/graphql", server.listen().await);
    assert!(connect_async(&address).await.is_err());
}

#[tokio::test]
async fn who_breaks_the_protocol_is_told_by_the_code() {
    let server = server().await;
    for (message, code) in [
        (Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":"{ping}"}}"#), 4401),
        (Message::text(r#"{"type":"complete","id":"1"}"#), 4401),
        (Message::text(r#"{"type":"connection_init"}"#), 4403),
        (Message::text(r#"{"type":"connection_init","payload":{"Authorization":"Bearer a.b.c"}}"#), 4403),
        (Message::text("{"), 4400),
        (Message::text(r#"{"type":"start"}"#), 4400),
        (Message::binary(vec![1, 2, 3]), 4400),
    ] {
        let mut client = Client::connect(&server, Some("graphql-transport-ws")).await;
        client.0.send(message).await.unwrap();
        assert_eq!(client.closed().await, code);
    }
    for (message, code) in [
        (json!({"type": "connection_init"}), 4429),
        (json!({"type": "subscribe", "id": "1", "payload": {"query": "{ ping }"}}), 4409),
        (json!({"type": "subscribe", "id": "2"}), 4400),
    ] {
        let mut client = Client::known(&server).await;
        client.subscribe("1", "subscription { silence }").await;
        client.say(message).await;
        assert_eq!(client.closed().await, code);
    }
}

#[tokio::test]
async fn who_says_nothing_or_speaks_another_protocol_is_let_go() {
    let server = server().await;
    let mut silent = Client::connect(&server, Some("graphql-transport-ws")).await;
    assert_eq!(silent.closed().await, 4408);
    for protocol in [None, Some("graphql-ws")] {
        let address = format!("ws://{}/graphql", server.listen().await);
        let mut request = address.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            let both = format!("{protocol}, graphql-transport-ws");
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, both.parse().unwrap());
            assert!(connect_async(request).await.is_ok(), "one of the two is ours");
            continue;
        }
        let mut client = Client(connect_async(request).await.unwrap().0);
        assert_eq!(client.closed().await, 4406);
    }
}

#[tokio::test]
async fn pings_are_answered_and_expected_to_be() {
    let server = server().await;
    let mut client = Client::known(&server).await;
    client.say(json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(client.next().await, json!({"type": "pong"}));
    // From here on nobody answers.
    let end = async { while let Some(Ok(_)) = client.0.next().await {} };
    tokio::time::timeout(PATIENCE, end).await.expect("let go");
}

#[tokio::test]
async fn a_socket_ends_with_the_token_and_with_the_process() {
    let server = server().await;
    let mut client = Client::known(&server).await;
    server.clock.advance(TimeDelta::hours(2));
    assert_eq!(client.closed().await, 4403);

    let server = self::server().await;
    let mut client = Client::known(&server).await;
    server.readiness.leave();
    assert_eq!(client.closed().await, 1001);
}

#[tokio::test]
async fn a_client_that_says_goodbye_is_answered() {
    let server = server().await;
    let mut client = Client::known(&server).await;
    client.0.close(None).await.unwrap();
    assert!(matches!(client.frame().await, Some(Message::Close(_))));
    assert!(client.0.next().await.is_none(), "in order");
}

#[tokio::test]
async fn the_token_may_come_with_the_way_in() {
    let server = server().await;
    let mut request = format!("ws://{}/graphql", server.listen().await).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_PROTOCOL, "graphql-transport-ws".parse().unwrap());
    headers.insert(AUTHORIZATION, format!("Bearer {}", server.token).parse().unwrap());
    let mut client = Client(connect_async(request).await.unwrap().0);
    client.say(json!({"type": "connection_init"})).await;
    assert_eq!(client.next().await, json!({"type": "connection_ack"}));
}
