//! Nested reads in batches that do not tear.
//!
//! The fields of one level are polled one after another before any of them can go on. A read notes its key, steps
//! back once, and the first to be polled again reads for all. Waiting for the executor instead of a timer means
//! that the number of statements depends on the query, never on the load.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use crate::error::Result;
use crate::platform::context::RequestContext;

/// Reads many values at once, as the caller may see them.
pub trait BatchLoad: Send + Sync + 'static {
    /// What is asked for.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    /// What is found.
    type Value: Clone + Send + Sync + 'static;

    /// The values there are; a key without one is left out.
    fn load(context: &RequestContext, keys: &[Self::Key]) -> impl Future<Output = Loaded<Self>> + Send;
}

/// What a batch found, by key.
pub type Loaded<L> = Result<HashMap<Key<L>, Value<L>>>;

type Key<L> = <L as BatchLoad>::Key;
type Value<L> = <L as BatchLoad>::Value;

/// The reads of one kind in one request; a key is read once.
pub struct Batch<L: BatchLoad>(Mutex<State<L>>);

struct State<L: BatchLoad> {
    /// Takes the keys that are asked for now.
    open: Arc<Round<L>>,
    /// The round of each key asked for so far.
    rounds: HashMap<Key<L>, Arc<Round<L>>>,
}

/// Keys that are read together, and the answer they share.
struct Round<L: BatchLoad> {
    keys: Mutex<Vec<Key<L>>>,
    answer: OnceCell<Loaded<L>>,
}

impl<L: BatchLoad> Default for Round<L> {
    fn default() -> Self {
        Self { keys: Mutex::default(), answer: OnceCell::new() }
    }
}

impl<L: BatchLoad> Default for Batch<L> {
    fn default() -> Self {
        Self(Mutex::new(State { open: Arc::default(), rounds: HashMap::new() }))
    }
}

impl<L: BatchLoad> Batch<L> {
    /// The value of a key, read together with what the other fields of this level ask for.
    pub async fn get(&self, context: &RequestContext, key: Key<L>) -> Result<Option<Value<L>>> {
        let round = self.join(&key);
        tokio::task::yield_now().await;
        let read = || async {
            let keys = self.close(&round);
            L::load(context, &keys).await
        };
        match round.answer.get_or_init(read).await {
            Ok(values) => Ok(values.get(&key).cloned()),
            Err(error) => Err(error.clone()),
        }
    }

    fn join(&self, key: &Key<L>) -> Arc<Round<L>> {
        let mut state = self.0.lock().expect("no holder panics");
        if let Some(round) = state.rounds.get(key) {
            return Arc::clone(round);
        }
        let round = Arc::clone(&state.open);
        round.keys.lock().expect("no holder panics").push(key.clone());
        state.rounds.insert(key.clone(), Arc::clone(&round));
        round
    }

    /// Later keys go to the next round. A reader that was dropped half-way has closed it already.
    fn close(&self, round: &Arc<Round<L>>) -> Vec<Key<L>> {
        let mut state = self.0.lock().expect("no holder panics");
        if Arc::ptr_eq(&state.open, round) {
            state.open = Arc::default();
        }
        round.keys.lock().expect("no holder panics").clone()
    }
}

/// Rows by the key of each.
pub fn each_by<K: Eq + Hash, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, R> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

/// Rows by the key that several share, in their order.
pub fn groups_by<K: Eq + Hash, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Vec<R>> {
    let mut groups: HashMap<K, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
