//! Constant load through a balancer that asks each replica whether it wishes traffic, as those of clusters do.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::fleet::{Fleet, is_ready};

/// Clients that ask at the same time.
const CLIENTS: usize = 4;
/// Between two requests of a client.
const PAUSE: Duration = Duration::from_millis(15);
/// How often the balancer asks.
const PROBE: Duration = Duration::from_millis(50);
/// For answers to come at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every second request of a client enters a partner.
const CREATE: &str = "mutation($input: CreatePartnerInput!) {
    createPartner(input: $input) { partner { id } userErrors { code } } }";
/// The others name this document, and send it where it is not known.
const READ: &str = "{ partners(first: 5) { nodes { id displayName } } }";
const READ_NAME: &str = "sha256:7a22d45ec349eca064c3237a73d318a3efd03492af2fbca3c347bf961562d525";

#[derive(Default)]
struct State {
    /// Replicas there are.
    known: Mutex<BTreeSet<String>>,
    /// Those that wish traffic.
    ready: Mutex<Vec<String>>,
    failures: Mutex<Vec<String>>,
    answers: AtomicU64,
    created: AtomicU64,
    is_over: AtomicBool,
}

/// Load that goes on until it is ended.
pub struct Load {
    state: Arc<State>,
    tasks: JoinSet<()>,
}

/// What came of it.
pub struct Done {
    /// Everything that was not answered well.
    pub failures: Vec<String>,
    /// Partners that were entered, by the answers.
    pub created: u64,
}

impl Load {
    /// Begins with these replicas, which are ready.
    pub fn begin(fleet: &Fleet, replicas: impl IntoIterator<Item = String>) -> Self {
        let state = Arc::new(State::default());
        state.known.lock().unwrap().extend(replicas);
        state.ready.lock().unwrap().extend(state.known.lock().unwrap().iter().cloned());
        let mut this = Self::on(state, fleet);
        this.tasks.spawn(balance(Arc::clone(&this.state), fleet.http.clone()));
        this
    }

    /// Begins with this replica, whether it wishes traffic or not.
    pub fn upon(fleet: &Fleet, replica: String) -> Self {
        let state = Arc::new(State::default());
        state.ready.lock().unwrap().push(replica);
        Self::on(state, fleet)
    }

    fn on(state: Arc<State>, fleet: &Fleet) -> Self {
        let mut tasks = JoinSet::new();
        for client in 0..CLIENTS {
            tasks.spawn(ask_on(Arc::clone(&state), fleet.http.clone(), fleet.token.clone(), client));
        }
        Self { state, tasks }
    }

    /// Waits for so many more answers.
    pub async fn until_answers(&self, more: u64) {
        let (begun, wanted) = (Instant::now(), self.state.answers.load(Ordering::Relaxed) + more);
        while self.state.answers.load(Ordering::Relaxed) < wanted {
            assert!(begun.elapsed() < PATIENCE, "nobody answers");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What was not answered well so far.
    pub fn failures(&self) -> usize {
        self.state.failures.lock().unwrap().len()
    }

    /// A replica that has come.
    pub fn take_in(&self, address: String) {
        self.state.known.lock().unwrap().insert(address);
    }

    /// A replica that has gone.
    pub fn forget(&self, address: &str) {
        self.state.known.lock().unwrap().remove(address);
    }

    /// Ends it, when every request under way is answered.
    pub async fn end(mut self) -> Done {
        self.state.is_over.store(true, Ordering::Relaxed);
        while let Some(task) = self.tasks.join_next().await {
            task.unwrap();
        }
        let failures = std::mem::take(&mut *self.state.failures.lock().unwrap());
        Done { failures, created: self.state.created.load(Ordering::Relaxed) }
    }
}

async fn balance(state: Arc<State>, http: reqwest::Client) {
    while !state.is_over.load(Ordering::Relaxed) {
        let known: Vec<String> = state.known.lock().unwrap().iter().cloned().collect();
        let mut ready = Vec::new();
        for address in known {
            if is_ready(&http, &address).await {
                ready.push(address);
            }
        }
        *state.ready.lock().unwrap() = ready;
        tokio::time::sleep(PROBE).await;
    }
}

async fn ask_on(state: Arc<State>, http: reqwest::Client, token: String, client: usize) {
    for turn in 0.. {
        if state.is_over.load(Ordering::Relaxed) {
            return;
        }
        let ready = state.ready.lock().unwrap().clone();
        let Some(address) = ready.get((turn + client) % ready.len().max(1)) else {
            state.failures.lock().unwrap().push("nobody is ready".to_owned());
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let name = format!("販売店{client}-{turn}");
        let input = json!({ "legalName": name, "idempotencyKey": name });
        let body = match turn % 2 {
            0 => json!({ "query": CREATE, "variables": { "input": input } }),
            _ => json!({ "documentId": READ_NAME }),
        };
        let mut answer = ask(&http, address, &token, &body).await;
        if answer.as_ref().is_ok_and(is_unknown) {
            answer = ask(&http, address, &token, &json!({ "documentId": READ_NAME, "query": READ })).await;
        }
        match answer {
            Ok(answer) if !answer["data"]["createPartner"]["partner"].is_null() => {
                state.created.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) if !answer["data"]["partners"].is_null() => {}
            Ok(answer) => state.failures.lock().unwrap().push(answer.to_string()),
            Err(failure) => state.failures.lock().unwrap().push(failure),
        }
        state.answers.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether the named document has to be sent.
fn is_unknown(answer: &Value) -> bool {
    answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
}

async fn ask(http: &reqwest::Client, address: &str, token: &str, body: &Value) -> Result<Value, String> {
    let request = http.post(format!("{address}/graphql")).bearer_auth(token).json(body);
    let answer = request.send().await.map_err(|it| format!("{it:?}"))?;
    answer.json().await.map_err(|it| format!("{it:?}"))
}
