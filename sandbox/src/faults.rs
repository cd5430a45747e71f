//! What can go wrong, on demand: latency, 429, 503, expired token, cut body, doubled page.
//!
//! Here: which faults are on and when each strikes. Not here: how one is played (`server`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// One fault: what happens, where, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Which requests: a path prefix by whole segments, `*` for any one segment, such as
    /// `/services/data/*/query`. Empty for all.
    #[serde(default)]
    pub path: String,
    /// How often.
    #[serde(default)]
    pub when: When,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The answer comes later.
    Latency {
        /// How much later.
        millis: u64,
    },
    /// 429.
    TooManyRequests {
        /// `Retry-After` in seconds.
        retry_after: u64,
    },
    /// 503 with an HTML body, as the vendor's edge sends it.
    Unavailable,
    /// The connection ends without an answer.
    ConnectionReset,
    /// The caller's session ends: 401, until a new token.
    ExpiredToken,
    /// The answer says it is complete, but its JSON is cut in half.
    TruncatedBody,
    /// The connection ends halfway through the body.
    CutBody,
    /// The next page of a query is this one again.
    DuplicatedPage,
    /// The rows of a page come in another order.
    ReorderedRows,
    /// Any page of a query but the first: 500.
    FailingLaterPage,
    /// A bulk query that ends in a failure instead of results.
    FailingJob,
    /// A write finds every row locked by somebody else: `UNABLE_TO_LOCK_ROW` for each.
    LockedRows,
    /// What is written is tidied up: blanks, letter case of addresses, telephone numbers.
    ReformattedWrites,
    /// A query that finds more records than this takes too long: `QUERY_TIMEOUT`.
    SlowQuery {
        /// So many are still fine.
        most: usize,
    },
    /// A refusal of the API itself, such as `UNABLE_TO_LOCK_ROW`.
    Refusal {
        /// One of the vendor's error codes that this sandbox knows.
        code: String,
    },
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The next request only.
    #[default]
    Once,
    /// The next so many requests.
    Times(u32),
    /// Every n-th request, beginning with the n-th; 0 is never.
    EveryNth(u32),
    /// By chance, the same for the same seed.
    Chance {
        /// Between 0 and 1.
        probability: f64,
        /// Seeds the dice.
        seed: u64,
    },
    /// Until it is cleared.
    Always,
}

/// The faults that are on; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Active>>>);

#[derive(Debug)]
struct Active {
    fault: Fault,
    /// Requests in its scope so far.
    met: u32,
    dice: ChaCha8Rng,
}

impl Fault {
    /// A fault for the next request of any path.
    pub fn new(kind: FaultKind) -> Fault {
        Fault { kind, path: String::new(), when: When::Once }
    }

    /// Only for requests under this path; see [`Fault::path`].
    pub fn on(mut self, path: impl Into<String>) -> Fault {
        self.path = path.into();
        self
    }

    /// That often.
    pub fn when(mut self, when: When) -> Fault {
        self.when = when;
        self
    }
}

impl Faults {
    /// Switches a fault on.
    pub fn inject(&self, fault: Fault) {
        let seed = if let When::Chance { seed, .. } = fault.when { seed } else { 0 };
        self.lock().push(Active { fault, met: 0, dice: ChaCha8Rng::seed_from_u64(seed) });
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Faults that may still strike.
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().iter().filter(|it| !it.is_spent()).map(|it| it.fault.clone()).collect()
    }

    /// The faults that strike a request; each is told that it met one.
    pub(crate) fn strike(&self, path: &[String]) -> Vec<FaultKind> {
        let mut active = self.lock();
        let struck =
            active.iter_mut().filter(|it| it.fault.concerns(path)).filter_map(Active::strike).collect();
        active.retain(|it| !it.is_spent());
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Active>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn concerns(&self, path: &[String]) -> bool {
        let mut scope = self.path.split('/').filter(|it| !it.is_empty());
        let mut parts = path.iter();
        let in_scope = scope.all(|wanted| parts.next().is_some_and(|it| wanted == "*" || it == wanted));
        in_scope && self.kind.concerns(path)
    }
}

impl FaultKind {
    /// Faults of pages wait for pages, so that `Once` is not spent on a describe.
    fn concerns(&self, path: &[String]) -> bool {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let (is_page, is_later) = match parts[..] {
            ["services", "data", _, "query" | "queryAll"] => (true, false),
            ["services", "data", _, "query" | "queryAll", _] => (true, true),
            ["services", "data", _, "jobs", "query", _, "results"] => (true, false),
            _ => (false, false),
        };
        match self {
            FaultKind::DuplicatedPage | FaultKind::ReorderedRows => is_page,
            FaultKind::FailingLaterPage => is_later,
            FaultKind::SlowQuery { .. } => matches!(parts[..], ["services", "data", _, "query" | "queryAll"]),
            FaultKind::FailingJob => matches!(parts[..], ["services", "data", _, "jobs", "query"]),
            FaultKind::LockedRows | FaultKind::ReformattedWrites => {
                matches!(parts[..], ["services", "data", _, "sobjects" | "composite" | "jobs", ..])
            }
            FaultKind::ExpiredToken | FaultKind::Refusal { .. } => {
                matches!(parts[..], ["services", "data", _, ..])
            }
            _ => true,
        }
    }
}

impl Active {
    fn strike(&mut self) -> Option<FaultKind> {
        self.met = self.met.saturating_add(1);
        let strikes = match self.fault.when {
            When::Once | When::Times(_) | When::Always => true,
            When::EveryNth(0) => false,
            When::EveryNth(n) => self.met.is_multiple_of(n),
            When::Chance { probability, .. } => self.dice.random_bool(probability.clamp(0.0, 1.0)),
        };
        strikes.then(|| self.fault.kind.clone())
    }

    fn is_spent(&self) -> bool {
        match self.fault.when {
            When::Once => self.met >= 1,
            When::Times(times) => self.met >= times,
            When::EveryNth(_) | When::Chance { .. } | When::Always => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
    }

    fn hits(fault: Fault, path_text: &str, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.inject(fault);
        (0..requests).map(|_| !faults.strike(&path(path_text)).is_empty()).collect()
    }

    #[test]
    fn how_often() {
        let fault = |when| Fault::new(FaultKind::Unavailable).when(when);
        assert_eq!(hits(fault(When::Once), "/a", 3), [true, false, false]);
        assert_eq!(hits(fault(When::Times(2)), "/a", 3), [true, true, false]);
        assert_eq!(hits(fault(When::EveryNth(2)), "/a", 4), [false, true, false, true]);
        let chance = fault(When::Chance { probability: 0.5, seed: 7 });
        assert_eq!(hits(chance.clone(), "/a", 64), hits(chance, "/a", 64));
    }

    #[test]
    fn scopes_go_by_whole_segments() {
        let fault = || Fault::new(FaultKind::Unavailable).on("/services/data/*/query").when(When::Always);
        assert_eq!(hits(fault(), "/services/data/v62.0/query/0r8-2000", 1), [true]);
        assert_eq!(hits(fault(), "/services/data/v62.0/queryAll", 1), [false]);
        assert_eq!(hits(fault(), "/services/oauth2/token", 1), [false]);
    }

    #[test]
    fn faults_read_from_json() {
        let json =
            r#"{"kind":"too_many_requests","retry_after":3,"path":"/services/data","when":{"times":2}}"#;
        let fault: Fault = serde_json::from_str(json).unwrap();
        let kind = FaultKind::TooManyRequests { retry_after: 3 };
        assert_eq!(fault, Fault::new(kind).on("/services/data").when(When::Times(2)));
    }
}
