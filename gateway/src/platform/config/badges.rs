//! `[badges]`: with what badges of certifications are signed.

use super::section::Reading;
use crate::platform::secret::Secret;

/// Fewest characters of a key: 256 bits in hexadecimal digits are 64, in Base64 44.
const FEWEST: usize = 32;

/// The key of badges; absent means that there are none.
#[derive(Debug, Clone, Default)]
pub struct Badges {
    /// Signs them. With another key, those that were given out before are no longer valid.
    pub key: Option<Secret>,
}

impl Badges {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let mut section = reading.section("badges");
        let key: Option<Secret> = section.optional("key");
        if key.as_ref().is_some_and(|it| it.reveal().len() < FEWEST) {
            section.refuse("key", format!("expected at least {FEWEST} characters that nobody can guess"));
        }
        Self { key }
    }
}
