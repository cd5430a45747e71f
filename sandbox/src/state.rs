//! What all requests share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::jobs::Jobs;
use crate::oauth::Login;
use crate::org::record_id::{self, RecordId};
use crate::org::{Org, WriteRequest};
use crate::rest::Call;
use crate::scenario::{Agenda, Scenario};
use crate::soql::Cursors;

/// One running sandbox. A poisoned lock is used on: each change under it is complete or not made.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Arc<Clock>,
    pub(crate) login: Login,
    pub(crate) faults: Faults,
    pub(crate) budget: Budget,
    pub(crate) admin_token: Option<String>,
    org: RwLock<Org>,
    cursors: Mutex<Cursors>,
    jobs: Mutex<Jobs>,
    agenda: Mutex<Agenda>,
    requests: Mutex<BTreeMap<String, u64>>,
    /// Numbers the requests that write, from 1.
    writes: AtomicU64,
    schema_changed_at: Mutex<i64>,
    base_url: OnceLock<String>,
}

impl State {
    pub(crate) fn new(
        org: Org,
        clock: Arc<Clock>,
        login: Login,
        api_budget: u64,
        admin_token: Option<String>,
        scenario: &Scenario,
    ) -> State {
        let started_at = clock.seconds();
        State {
            login,
            faults: Faults::default(),
            budget: Budget::new(api_budget),
            admin_token,
            org: RwLock::new(org),
            cursors: Mutex::default(),
            jobs: Mutex::default(),
            agenda: Mutex::new(Agenda::of(scenario)),
            requests: Mutex::default(),
            writes: AtomicU64::new(1),
            schema_changed_at: Mutex::new(started_at),
            base_url: OnceLock::new(),
            clock,
        }
    }

    pub(crate) fn org(&self) -> RwLockReadGuard<'_, Org> {
        self.org.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The org for what its own people do.
    pub(crate) fn org_mut(&self) -> RwLockWriteGuard<'_, Org> {
        let mut org = self.org.write().unwrap_or_else(PoisonError::into_inner);
        org.request = WriteRequest::default();
        org
    }

    /// The org for what a client writes.
    pub(crate) fn org_to_write(&self, call: &Call<'_>) -> RwLockWriteGuard<'_, Org> {
        let mut org = self.org.write().unwrap_or_else(PoisonError::into_inner);
        org.request = WriteRequest {
            number: self.writes.fetch_add(1, Ordering::Relaxed),
            forces_save: call.forces_save(),
            is_locked_out: call.faults.locked_rows,
            is_reformatted: call.faults.reformatted,
        };
        org
    }

    pub(crate) fn cursors(&self) -> MutexGuard<'_, Cursors> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Requests by method and resource.
    pub(crate) fn requests(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds since 1970.
    pub(crate) fn schema_changed_at(&self) -> i64 {
        *self.schema_changed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn schema_changed(&self) {
        *self.schema_changed_at.lock().unwrap_or_else(PoisonError::into_inner) = self.clock.seconds();
    }

    /// Set once, when the port is known.
    pub(crate) fn set_base_url(&self, url: String) {
        self.base_url.get_or_init(|| url);
    }

    pub(crate) fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    pub(crate) fn identity_url(&self, user: RecordId) -> String {
        format!("{}/id/{}/{user}", self.base_url(), organization_id())
    }
}

pub(crate) fn organization_id() -> String {
    record_id::foreign("00D", 1)
}

/// API calls of a window of 24 hours, counted from its first call.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u64,
    window: Mutex<(i64, u64)>,
}

const WINDOW_SECONDS: i64 = 86_400;

impl Budget {
    fn new(most: u64) -> Budget {
        Budget { most, window: Mutex::new((i64::MIN, 0)) }
    }

    /// Counts a call; `false` when the budget is spent.
    pub(crate) fn spend(&self, now: i64) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(window.0) >= WINDOW_SECONDS {
            *window = (now, 0);
        }
        let is_left = window.1 < self.most;
        window.1 += u64::from(is_left);
        is_left
    }

    /// Used and allowed calls.
    pub(crate) fn usage(&self) -> (u64, u64) {
        (self.window.lock().unwrap_or_else(PoisonError::into_inner).1, self.most)
    }

    /// As if so many calls had been made.
    pub(crate) fn set_used(&self, used: u64, now: i64) {
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = (now, used.min(self.most));
    }
}
