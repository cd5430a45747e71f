//! The cache of one process.
//!
//! Here: a map with an end for every entry, and a bound on their number; channels within the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::channels::{Channels, Messages};

/// More entries than this, and those whose time ends first are given up.
const MOST_ENTRIES: usize = 10_000;
/// More bytes of texts than this likewise.
const MOST_BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
pub(super) struct Memory {
    contents: Mutex<Contents>,
    channels: Channels,
}

#[derive(Debug, Default)]
struct Contents {
    texts: HashMap<String, Entry<String>>,
    /// Of all texts together.
    bytes: usize,
    counts: HashMap<String, Entry<u64>>,
    locks: HashMap<String, Entry<u64>>,
    last_token: u64,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    ends_at: Instant,
}

impl<T> Entry<T> {
    fn new(value: T, ttl: Duration) -> Self {
        Self { value, ends_at: Instant::now() + ttl }
    }

    fn is_alive(&self) -> bool {
        Instant::now() < self.ends_at
    }
}

impl Memory {
    pub(super) fn get(&self, key: &str) -> Option<String> {
        let contents = self.contents();
        contents.texts.get(key).filter(|it| it.is_alive()).map(|it| it.value.clone())
    }

    pub(super) fn set(&self, key: &str, text: &str, ttl: Duration) {
        let mut contents = self.contents();
        contents.remove(key);
        contents.bytes += text.len();
        contents.texts.insert(key.to_owned(), Entry::new(text.to_owned(), ttl));
        contents.make_room();
    }

    pub(super) fn count(&self, key: &str, ttl: Duration) -> u64 {
        let mut contents = self.contents();
        if contents.counts.len() > MOST_ENTRIES {
            contents.counts.retain(|_, it| it.is_alive());
        }
        let entry = contents.counts.entry(key.to_owned()).or_insert_with(|| Entry::new(0, ttl));
        if !entry.is_alive() {
            *entry = Entry::new(0, ttl);
        }
        entry.value += 1;
        entry.value
    }

    pub(super) fn delete(&self, key: &str) {
        self.contents().remove(key);
    }

    pub(super) fn try_lock(&self, name: &str, ttl: Duration) -> Option<u64> {
        let mut contents = self.contents();
        if contents.locks.get(name).is_some_and(Entry::is_alive) {
            return None;
        }
        contents.last_token += 1;
        let token = contents.last_token;
        contents.locks.insert(name.to_owned(), Entry::new(token, ttl));
        Some(token)
    }

    pub(super) fn renew(&self, name: &str, token: u64, ttl: Duration) -> bool {
        let mut contents = self.contents();
        let held = contents.holds(name, token);
        if held {
            contents.locks.insert(name.to_owned(), Entry::new(token, ttl));
        }
        held
    }

    pub(super) fn release(&self, name: &str, token: u64) -> bool {
        let mut contents = self.contents();
        let held = contents.holds(name, token);
        if held {
            contents.locks.remove(name);
        }
        held
    }

    pub(super) fn publish(&self, channel: &str, text: &str) {
        self.channels.say(channel, text);
    }

    pub(super) fn subscribe(&self, channel: &str) -> Messages {
        self.channels.listen(channel).0
    }

    /// A panic while the map was locked leaves it whole: every change is one call.
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn holds(&self, name: &str, token: u64) -> bool {
        self.locks.get(name).is_some_and(|it| it.is_alive() && it.value == token)
    }

    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.texts.remove(key) {
            self.bytes -= entry.value.len();
        }
    }

    fn make_room(&mut self) {
        while self.texts.len() > MOST_ENTRIES || self.bytes > MOST_BYTES {
            let first = self.texts.iter().min_by_key(|(_, it)| it.ends_at).map(|(key, _)| key.clone());
            let Some(key) = first else { return };
            self.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_make_room_for_each_other() {
        let memory = Memory::default();
        let text = "x".repeat(MOST_BYTES / 2);
        for (i, key) in ["a", "b", "a", "c"].into_iter().enumerate() {
            memory.set(key, &text, Duration::from_secs(60 + i as u64));
        }
        let kept = ["a", "b", "c"].map(|it| memory.get(it).is_some());
        assert_eq!(kept, [true, false, true], "what is set anew counts once");
    }

    #[test]
    fn what_was_counted_is_forgotten_with_its_time() {
        let memory = Memory::default();
        let counts = [(); 3].map(|()| memory.count("a", Duration::from_secs(60)));
        assert_eq!(counts, [1, 2, 3]);
        assert_eq!(memory.count("b", Duration::ZERO), 1);
        assert_eq!(memory.count("b", Duration::ZERO), 1);
    }

    #[test]
    fn the_entry_that_ends_first_makes_room() {
        let memory = Memory::default();
        memory.set("first", "x", Duration::from_secs(60));
        for i in 0..MOST_ENTRIES {
            memory.set(&i.to_string(), "x", Duration::from_secs(600));
        }
        assert_eq!(memory.get("first"), None);
        assert_eq!(memory.get("0").as_deref(), Some("x"));
    }
}
