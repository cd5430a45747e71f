//! What replicas share for a while: texts, locks and channels, in this process or in Redis behind one type.
//!
//! Here: [`Cache`], [`Lease`], [`Messages`] and how they fail. A cache that is down is a miss, and callers go on without it;
//! only what must not happen twice at once needs a lock and has to wait.
//! Not here: what is kept (its owner), answers to queries (nobody caches those).

mod channels;
mod figures;
mod memory;
mod redis;
mod relay;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use self::channels::Messages;
use self::figures::Outcomes;
use self::memory::Memory;
use self::redis::Redis;
use crate::platform::config;

/// Why the cache could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The configured address is not one.
    #[error("cache.url is not an address of a Redis server; expected redis://<host>:<port>")]
    InvalidAddress,
    /// Not reachable, or not in time. Holds no address: that may carry a password.
    #[error("the cache did not {attempted}: {reason}; going on without it")]
    Unavailable {
        /// What was asked of it.
        attempted: &'static str,
        /// What the client said.
        reason: String,
    },
}

/// A shared place for texts that may be lost at any time. Clones share it.
#[derive(Debug, Clone)]
pub struct Cache {
    place: Place,
    outcomes: Outcomes,
}

#[derive(Debug, Clone)]
enum Place {
    Memory(Arc<Memory>),
    Redis(Arc<Redis>),
}

impl Default for Cache {
    fn default() -> Self {
        Self::in_process()
    }
}

impl Cache {
    /// A cache of this process alone.
    pub fn in_process() -> Self {
        Self::at(Place::Memory(Arc::new(Memory::default())))
    }

    /// The configured cache. A Redis server that is down now is connected to when it is back.
    pub fn open(config: &config::Cache) -> Result<Self, CacheError> {
        Ok(match &config.url {
            Some(url) => Self::at(Place::Redis(Arc::new(Redis::open(url, config)?))),
            None => Self::in_process(),
        })
    }

    fn at(place: Place) -> Self {
        Self { place, outcomes: Outcomes::default() }
    }

    /// The text kept under the key, unless its time is over.
    pub async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        let found = match &self.place {
            Place::Memory(memory) => Ok(memory.get(key)),
            Place::Redis(redis) => redis.get(key).await,
        };
        self.outcomes.note(&found);
        found
    }

    /// Keeps a text for `ttl`, in place of what was there.
    pub async fn set(&self, key: &str, text: &str, ttl: Duration) -> Result<(), CacheError> {
        match &self.place {
            Place::Memory(memory) => {
                memory.set(key, text, ttl);
                Ok(())
            }
            Place::Redis(redis) => redis.set(key, text, ttl).await,
        }
    }

    /// How often this was called for the key, this call included, until `ttl` after the first.
    pub async fn count(&self, key: &str, ttl: Duration) -> Result<u64, CacheError> {
        match &self.place {
            Place::Memory(memory) => Ok(memory.count(key, ttl)),
            Place::Redis(redis) => redis.count(key, ttl).await,
        }
    }

    /// Forgets the text under the key.
    pub async fn delete(&self, key: &str) -> Result<(), CacheError> {
        match &self.place {
            Place::Memory(memory) => {
                memory.delete(key);
                Ok(())
            }
            Place::Redis(redis) => redis.delete(key).await,
        }
    }

    /// Takes the lock of that name for `ttl`; `None` while somebody else has it.
    pub async fn try_lock(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, CacheError> {
        let token = match &self.place {
            Place::Memory(memory) => memory.try_lock(name, ttl),
            Place::Redis(redis) => redis.try_lock(name, ttl).await?,
        };
        Ok(token.map(|token| Lease { cache: self.clone(), name: name.to_owned(), token }))
    }

    /// Says a text to everybody who listens to the channel at the moment. Nothing is kept for later listeners.
    pub async fn publish(&self, channel: &str, text: &str) -> Result<(), CacheError> {
        match &self.place {
            Place::Memory(memory) => {
                memory.publish(channel, text);
                Ok(())
            }
            Place::Redis(redis) => redis.publish(channel, text).await,
        }
    }

    /// Listens to a channel from now on. While the cache is down the channel is silent, and what is said then is lost:
    /// whoever must not miss anything reads again.
    pub async fn subscribe(&self, channel: &str) -> Messages {
        match &self.place {
            Place::Memory(memory) => memory.subscribe(channel),
            Place::Redis(redis) => redis.subscribe(channel).await,
        }
    }
}

/// A lock that is held until it is released or its time is over.
///
/// It is not released when dropped: releasing may have to wait for the network. What is never released ends
/// with its time, as it does when the process dies.
#[derive(Debug)]
pub struct Lease {
    cache: Cache,
    name: String,
    token: u64,
}

impl Lease {
    /// Greater than the token of every earlier lease of the same name: what is written under a lease can carry
    /// it, so that a holder which slept past its time is recognised.
    pub fn fencing_token(&self) -> u64 {
        self.token
    }

    /// Holds the lock for another `ttl` from now; false when it has been lost, and work under it must stop.
    pub async fn renew(&self, ttl: Duration) -> Result<bool, CacheError> {
        match &self.cache.place {
            Place::Memory(memory) => Ok(memory.renew(&self.name, self.token, ttl)),
            Place::Redis(redis) => redis.renew(&self.name, self.token, ttl).await,
        }
    }

    /// Gives the lock back; false when it had been lost before.
    pub async fn release(self) -> Result<bool, CacheError> {
        match &self.cache.place {
            Place::Memory(memory) => Ok(memory.release(&self.name, self.token)),
            Place::Redis(redis) => redis.release(&self.name, self.token).await,
        }
    }
}
