//! One socket from its first message to its last.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use async_graphql::Executor;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::http::HeaderValue;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::message::{ACK, PING, PONG, PROTOCOL, Parting, Said};
use super::operation::{Operation, Part, refusal};
use crate::platform::auth::Caller;
use crate::platform::http::graphql_endpoint::Endpoint;
use crate::platform::http::limits::Parameters;

/// Answers that wait for a slow client before the operations wait, too.
const AHEAD: usize = 16;

pub(super) struct Session<E> {
    endpoint: Arc<Endpoint<E>>,
    socket: WebSocket,
    authorization: Option<HeaderValue>,
}

/// What is under way on a socket. All of it ends with the socket.
struct UnderWay {
    operations: HashMap<String, (u64, AbortHandle)>,
    tasks: JoinSet<()>,
    begun: u64,
    sender: mpsc::Sender<Part>,
}

impl<E: Executor> Session<E> {
    pub(super) fn new(
        endpoint: Arc<Endpoint<E>>,
        socket: WebSocket,
        authorization: Option<HeaderValue>,
    ) -> Self {
        Self { endpoint, socket, authorization }
    }

    pub(super) async fn run(mut self) {
        let parting = match self.greet().await {
            Ok(caller) => self.serve(caller).await.err().unwrap_or(Parting::Gone),
            Err(parting) => parting,
        };
        tracing::debug!(?parting, "a socket was closed");
        if let Some(frame) = parting.frame() {
            let _ = timeout(self.endpoint.heartbeat, self.part(frame)).await;
        }
    }

    /// Says why, and waits until the other side has heard it.
    async fn part(&mut self, frame: CloseFrame) {
        if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }

    /// Until it is known who is there.
    async fn greet(&mut self) -> Result<Caller, Parting> {
        if self.socket.protocol().is_none_or(|it| it != PROTOCOL) {
            return Err(Parting::OtherProtocol);
        }
        let init = timeout(self.endpoint.sockets.init_timeout, self.init());
        let payload = init.await.map_err(|_| Parting::InitTimeout)??;
        let said = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let said = said.and_then(|(_, value)| value.as_str()).map(str::as_bytes);
        let authorization = said.or(self.authorization.as_ref().map(HeaderValue::as_bytes));
        let now = self.endpoint.clock.now();
        let caller = self.endpoint.authenticator.authenticate(authorization, now).await.map_err(|why| {
            tracing::info!(?why, "refused a caller");
            Parting::Forbidden
        })?;
        self.say(ACK).await?;
        Ok(caller)
    }

    async fn init(&mut self) -> Result<Map<String, Value>, Parting> {
        loop {
            match self.hear().await? {
                Said::ConnectionInit { payload } => return Ok(payload.unwrap_or_default()),
                Said::Ping { .. } => self.say(PONG).await?,
                Said::Pong { .. } => {}
                Said::Subscribe { .. } | Said::Complete { .. } => return Err(Parting::Unauthorized),
            }
        }
    }

    /// For as long as it is known who is there. Ends with the reason for parting.
    async fn serve(&mut self, caller: Caller) -> Result<(), Parting> {
        let (sender, mut parts) = mpsc::channel(AHEAD);
        let mut under_way = UnderWay { operations: HashMap::new(), tasks: JoinSet::new(), begun: 0, sender };
        let readiness = Arc::clone(&self.endpoint.readiness);
        let mut left = pin!(readiness.left());
        let mut heartbeat = interval(self.endpoint.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut is_heard = true;
        loop {
            tokio::select! {
                said = self.hear() => {
                    is_heard = true;
                    self.answer(said?, &caller, &mut under_way).await?;
                }
                Some(part) = parts.recv() => if let Some(text) = under_way.pass(part) {
                    self.say(&text).await?;
                },
                Some(_) = under_way.tasks.join_next() => {}
                _ = heartbeat.tick() => {
                    // Who did not even answer the last one has gone.
                    if !std::mem::take(&mut is_heard) {
                        return Err(Parting::Gone);
                    }
                    self.say(PING).await?;
                }
                () = left.as_mut() => return Err(Parting::Leaving),
            }
            let now = self.endpoint.clock.now();
            self.endpoint.authenticator.still_knows(&caller, now).map_err(|_| Parting::Forbidden)?;
        }
    }

    async fn answer(&mut self, said: Said, caller: &Caller, under_way: &mut UnderWay) -> Result<(), Parting> {
        match said {
            Said::ConnectionInit { .. } => Err(Parting::TooManyInits),
            Said::Ping { .. } => self.say(PONG).await,
            Said::Pong { .. } => Ok(()),
            Said::Complete { id } => {
                under_way.end(&id);
                Ok(())
            }
            Said::Subscribe { id, payload } => match under_way.begin(&self.endpoint, caller, id, payload)? {
                Some(refusal) => self.say(&refusal).await,
                None => Ok(()),
            },
        }
    }

    /// The next message; the control frames of the socket itself are none.
    async fn hear(&mut self) -> Result<Said, Parting> {
        loop {
            match self.socket.recv().await {
                Some(Ok(Message::Text(text))) => return Said::read(&text),
                // Who says goodbye is answered by the next reading, which is the last.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => {}
                None => return Err(Parting::Gone),
                // Too long, not UTF-8, not text, or the socket is broken, and then nobody hears the reason.
                Some(Ok(Message::Binary(_)) | Err(_)) => return Err(Parting::InvalidMessage),
            }
        }
    }

    /// A client that does not read is let go.
    async fn say(&mut self, text: &str) -> Result<(), Parting> {
        let sent = timeout(self.endpoint.heartbeat, self.socket.send(Message::Text(text.into())));
        if matches!(sent.await, Ok(Ok(()))) { Ok(()) } else { Err(Parting::Gone) }
    }
}

impl UnderWay {
    /// Begins an operation, or says why there is no room for it.
    fn begin<E: Executor>(
        &mut self,
        endpoint: &Arc<Endpoint<E>>,
        caller: &Caller,
        id: String,
        parameters: Parameters,
    ) -> Result<Option<String>, Parting> {
        if self.operations.contains_key(&id) {
            return Err(Parting::of_subscriber(&id));
        }
        if self.operations.len() >= endpoint.sockets.most_operations {
            return Ok(Some(refusal(endpoint, &id)));
        }
        self.begun += 1;
        let operation = Operation {
            endpoint: Arc::clone(endpoint),
            caller: caller.clone(),
            id: id.clone(),
            number: self.begun,
            sender: self.sender.clone(),
        };
        self.operations.insert(id, (self.begun, self.tasks.spawn(operation.run(parameters))));
        Ok(None)
    }

    fn end(&mut self, id: &str) {
        if let Some((_, task)) = self.operations.remove(id) {
            task.abort();
        }
    }

    /// What the client is to be told of an operation, unless it has ended it meanwhile.
    fn pass(&mut self, part: Part) -> Option<String> {
        let (number, _) = self.operations.get(&part.id)?;
        if *number != part.number {
            return None;
        }
        if part.is_last {
            self.operations.remove(&part.id);
        }
        Some(part.text)
    }
}
