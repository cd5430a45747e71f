//! The cache in a Redis server.
//!
//! Here: commands and scripts. A command in flight when the connection breaks fails once; the connection is
//! made again behind it. Nothing waits longer than the configured time.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{AsyncCommands, Client, RedisError, Script, SetExpiry, SetOptions};

use super::CacheError;
use super::channels::{Channels, Messages};
use super::relay::Relay;
use crate::platform::config;
use crate::platform::secret::Secret;

/// Takes a lock that is free, with a token greater than every earlier one.
///
/// The token is the server's time in microseconds, or one more than the last: it grows even when the server
/// has lost its data in between.
const TAKE: &str = r"
if redis.call('EXISTS', KEYS[1]) == 1 then return false end
local time = redis.call('TIME')
local token = tonumber(time[1]) * 1000000 + tonumber(time[2])
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if token <= last then token = last + 1 end
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text, 'EX', 604800)
redis.call('SET', KEYS[1], text, 'NX', 'PX', ARGV[1])
return text";

/// Counts one more, and begins with a life.
const COUNT: &str = r"
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count";

/// Prolongs a lock, if it is still ours.
const RENEW: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])";

/// Gives a lock back, if it is still ours.
const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])";

pub(super) struct Redis {
    client: Client,
    connection: ConnectionManager,
    prefix: String,
    patience: Duration,
    channels: Arc<Channels>,
}

/// Written by hand: the connection would print its address, and that may carry a password.
impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl Redis {
    /// Connects with the first command.
    pub(super) fn open(url: &Secret, config: &config::Cache) -> Result<Self, CacheError> {
        let client = Client::open(url.reveal()).map_err(|_| CacheError::InvalidAddress)?;
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), settings)
            .map_err(|_| CacheError::InvalidAddress)?;
        let (prefix, patience) = (config.prefix.clone(), config.timeout);
        Ok(Self { client, connection, prefix, patience, channels: Arc::default() })
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        self.connection.clone().get(self.text(key)).await.map_err(failed("read"))
    }

    pub(super) async fn set(&self, key: &str, text: &str, ttl: Duration) -> Result<(), CacheError> {
        let options = SetOptions::default().with_expiration(SetExpiry::PX(milliseconds(ttl)));
        let mut connection = self.connection.clone();
        connection.set_options(self.text(key), text, options).await.map_err(failed("write"))
    }

    pub(super) async fn count(&self, key: &str, ttl: Duration) -> Result<u64, CacheError> {
        let script = Script::new(COUNT);
        let mut call = script.key(format!("{}:count:{key}", self.prefix));
        call.arg(milliseconds(ttl));
        call.invoke_async(&mut self.connection.clone()).await.map_err(failed("count"))
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.connection.clone().del(self.text(key)).await.map_err(failed("delete"))
    }

    pub(super) async fn try_lock(&self, name: &str, ttl: Duration) -> Result<Option<u64>, CacheError> {
        let script = Script::new(TAKE);
        let mut call = script.key(self.lock(name));
        call.key(self.last_token(name)).arg(milliseconds(ttl));
        call.invoke_async(&mut self.connection.clone()).await.map_err(failed("lock"))
    }

    pub(super) async fn renew(&self, name: &str, token: u64, ttl: Duration) -> Result<bool, CacheError> {
        let script = Script::new(RENEW);
        let mut call = script.key(self.lock(name));
        call.arg(token.to_string()).arg(milliseconds(ttl));
        call.invoke_async(&mut self.connection.clone()).await.map_err(failed("renew a lock"))
    }

    pub(super) async fn release(&self, name: &str, token: u64) -> Result<bool, CacheError> {
        let script = Script::new(RELEASE);
        let mut call = script.key(self.lock(name));
        call.arg(token.to_string());
        call.invoke_async(&mut self.connection.clone()).await.map_err(failed("release a lock"))
    }

    pub(super) async fn publish(&self, channel: &str, text: &str) -> Result<(), CacheError> {
        let mut connection = self.connection.clone();
        connection.publish(self.channel(channel), text).await.map_err(failed("publish"))
    }

    /// The first listener waits until the server is reached, as long as for any answer; the relay goes on trying.
    pub(super) async fn subscribe(&self, channel: &str) -> Messages {
        let (messages, is_first) = self.channels.listen(channel);
        if is_first {
            let relay = Relay {
                client: self.client.clone(),
                channels: Arc::clone(&self.channels),
                channel: channel.to_owned(),
                remote: self.channel(channel),
                patience: self.patience,
            };
            let mut reached = relay.start();
            let _ = tokio::time::timeout(self.patience, reached.wait_for(|it| *it)).await;
        }
        messages
    }

    fn channel(&self, name: &str) -> String {
        format!("{}:channel:{name}", self.prefix)
    }

    fn text(&self, key: &str) -> String {
        format!("{}:text:{key}", self.prefix)
    }

    /// The braces keep both keys of a lock on one node of a cluster.
    fn lock(&self, name: &str) -> String {
        format!("{}:lock:{{{name}}}", self.prefix)
    }

    fn last_token(&self, name: &str) -> String {
        format!("{}:lock:{{{name}}}:last", self.prefix)
    }
}

/// At least one: Redis refuses to keep something for no time.
fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn failed(attempted: &'static str) -> impl FnOnce(RedisError) -> CacheError {
    move |error| CacheError::Unavailable { attempted, reason: error.category().to_owned() }
}
