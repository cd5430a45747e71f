//! How much one caller may ask for: operations at the same time, and requests in a minute.
//!
//! Here: counting both. Requests are counted in what replicas share; while that is down, each replica counts by itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::platform::auth::Caller;
use crate::platform::cache::Cache;
use crate::platform::config::server::Limits;

const MINUTE: i64 = 60;
/// How long a cache that failed is not asked again: nobody should wait for it with every request.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// Why a caller has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TooMuch {
    #[error("{most} requests in a minute are enough; go on in {wait} seconds")]
    RateLimited { most: usize, wait: i64 },
    #[error("{0} operations at the same time are enough; wait for the answer of one")]
    TooManyOperations(usize),
}

impl TooMuch {
    /// Seconds to wait.
    pub(super) fn retry_after(self) -> i64 {
        match self {
            Self::RateLimited { wait, .. } => wait,
            Self::TooManyOperations(_) => 1,
        }
    }
}

/// Counts what callers ask for.
pub(super) struct Admission {
    limits: Limits,
    shared: Cache,
    own: Cache,
    shared_fails_until: Mutex<DateTime<Utc>>,
    under_way: Arc<Mutex<HashMap<String, usize>>>,
}

/// One operation that is under way, until this is dropped.
pub(super) struct Place {
    account: String,
    under_way: Arc<Mutex<HashMap<String, usize>>>,
}

impl Admission {
    pub(super) fn new(limits: Limits, shared: Cache) -> Self {
        let shared_fails_until = Mutex::new(DateTime::UNIX_EPOCH);
        Self { limits, shared, own: Cache::in_process(), shared_fails_until, under_way: Arc::default() }
    }

    /// Counts one more operation of this caller, or says why it must wait.
    pub(super) async fn enter(&self, caller: &Caller, now: DateTime<Utc>) -> Result<Place, TooMuch> {
        let place = self.take_place(caller.account())?;
        let key = format!("caller:{}", place.account);
        self.count(&key, self.limits.caller_requests_per_minute, now).await?;
        // After the caller's own: who asks too much uses up nothing of colleagues' share.
        if let Some(partner) = caller.partner {
            let key = format!("partner:{partner}");
            self.count(&key, self.limits.partner_requests_per_minute, now).await?;
        }
        Ok(place)
    }

    fn take_place(&self, account: String) -> Result<Place, TooMuch> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let count = under_way.entry(account.clone()).or_default();
        if *count >= self.limits.operations_per_caller {
            return Err(TooMuch::TooManyOperations(self.limits.operations_per_caller));
        }
        *count += 1;
        Ok(Place { account, under_way: Arc::clone(&self.under_way) })
    }

    /// Counts a request in its minute.
    async fn count(&self, key: &str, most: usize, now: DateTime<Utc>) -> Result<(), TooMuch> {
        if most == 0 {
            return Ok(());
        }
        let second = now.timestamp();
        let minute = second.div_euclid(MINUTE);
        let count = self.counted(&format!("requests:{key}:{minute}"), now).await;
        let wait = MINUTE - second.rem_euclid(MINUTE);
        if count > most as u64 { Err(TooMuch::RateLimited { most, wait }) } else { Ok(()) }
    }

    async fn counted(&self, key: &str, now: DateTime<Utc>) -> u64 {
        let ttl = Duration::from_secs(2 * MINUTE.unsigned_abs());
        if now >= *self.fails_until() {
            match self.shared.count(key, ttl).await {
                Ok(count) => return count,
                Err(error) => {
                    tracing::warn!(%error, "requests are counted by each replica");
                    *self.fails_until() = now + PAUSE;
                }
            }
        }
        self.own.count(key, ttl).await.unwrap_or_default()
    }

    fn fails_until(&self) -> std::sync::MutexGuard<'_, DateTime<Utc>> {
        self.shared_fails_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config;

    fn caller(subject: &str) -> Caller {
        Caller { subject: subject.to_owned(), ..Caller::operator() }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[tokio::test]
    async fn operations_of_one_caller_leave_room_for_others() {
        let limits = Limits { operations_per_caller: 2, ..Limits::default() };
        let admission = Admission::new(limits, Cache::in_process());
        let first = admission.enter(&caller("a"), at(0)).await.unwrap_or_else(|it| panic!("{it}"));
        let _second = admission.enter(&caller("a"), at(0)).await;
        assert_eq!(admission.enter(&caller("a"), at(0)).await.err(), Some(TooMuch::TooManyOperations(2)));
        assert!(admission.enter(&caller("b"), at(0)).await.is_ok());
        let of_another_issuer = Caller { issuer: "https://b.example".to_owned(), ..caller("a") };
        assert!(admission.enter(&of_another_issuer, at(0)).await.is_ok());
        drop(first);
        assert!(admission.enter(&caller("a"), at(0)).await.is_ok());
    }

    #[tokio::test]
    async fn requests_are_counted_by_the_minute_whatever_becomes_of_them() {
        let limits = Limits { caller_requests_per_minute: 2, ..Limits::default() };
        let admission = Admission::new(limits, Cache::in_process());
        for second in [120, 179] {
            assert!(admission.enter(&caller("a"), at(second)).await.is_ok());
        }
        let refused = admission.enter(&caller("a"), at(170)).await.err();
        assert_eq!(refused, Some(TooMuch::RateLimited { most: 2, wait: 10 }));
        assert!(admission.enter(&caller("b"), at(170)).await.is_ok());
        let of_another_issuer = Caller { issuer: "https://b.example".to_owned(), ..caller("a") };
        assert!(admission.enter(&of_another_issuer, at(170)).await.is_ok());
        assert!(admission.enter(&caller("a"), at(180)).await.is_ok());
    }

    #[tokio::test]
    async fn the_people_of_one_partner_share_their_number() {
        let limits = Limits { partner_requests_per_minute: 1, ..Limits::default() };
        let of = |subject, partner: u128| Caller {
            partner: Some(uuid::Uuid::from_u128(partner).into()),
            ..caller(subject)
        };
        let admission = Admission::new(limits, Cache::in_process());
        assert!(admission.enter(&of("a", 1), at(0)).await.is_ok());
        assert!(admission.enter(&of("b", 1), at(0)).await.is_err());
        assert!(admission.enter(&of("c", 2), at(0)).await.is_ok());
        assert!(admission.enter(&caller("staff"), at(0)).await.is_ok());
    }

    #[tokio::test]
    async fn replicas_count_together_and_alone_while_the_cache_is_down() {
        let limits = Limits { caller_requests_per_minute: 1, ..Limits::default() };
        let together = Cache::in_process();
        let replicas = [(); 2].map(|()| Admission::new(limits, together.clone()));
        assert!(replicas[0].enter(&caller("a"), at(0)).await.is_ok());
        assert!(replicas[1].enter(&caller("a"), at(0)).await.is_err());

        let nowhere = config::Cache {
            url: Some("redis://127.0.0.1:1".into()),
            timeout: Duration::from_millis(50),
            ..config::Cache::default()
        };
        let alone = Admission::new(limits, Cache::open(&nowhere).unwrap());
        assert!(alone.enter(&caller("a"), at(0)).await.is_ok());
        assert!(alone.enter(&caller("a"), at(1)).await.is_err());
    }
}
