//! How requests to one CRM are made: keys of `[sources.<name>]`.

use std::time::Duration;

use super::section::Section;

/// Time, tries and waits.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// For a connection.
    pub connect_timeout: Duration,
    /// For a complete answer.
    pub timeout: Duration,
    /// How often a request is tried that may be tried again, the first time included.
    pub tries: u32,
    /// The wait before the second try; each later one is twice as long.
    pub first_wait: Duration,
    /// The longest wait of our own choice; the CRM may ask for more.
    pub longest_wait: Duration,
    /// For all tries and waits of one request together.
    pub tries_timeout: Duration,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(130),
            tries: 6,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            tries_timeout: Duration::from_secs(300),
        }
    }
}

impl Upstream {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let default = Self::default();
        Self {
            connect_timeout: section.or("connect_timeout", default.connect_timeout),
            timeout: section.or("timeout", default.timeout),
            tries: section.within("tries", 1..=20, default.tries.into()) as u32,
            first_wait: section.or("first_wait", default.first_wait),
            longest_wait: section.or("longest_wait", default.longest_wait),
            tries_timeout: section.or("tries_timeout", default.tries_timeout),
        }
    }
}
