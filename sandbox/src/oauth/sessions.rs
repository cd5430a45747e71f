//! Open sessions and refresh tokens.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::org::record_id::RecordId;
use crate::state::organization_id;

/// A refresh token can be exchanged by this app user without a web login.
const REFRESH_PREFIX: &str = "5Aep861";

/// Tokens are unguessable, so they are the one thing here that is not seeded.
#[derive(Debug)]
pub(crate) struct Sessions {
    lifetime_millis: i64,
    open: Mutex<Open>,
}

#[derive(Debug)]
struct Open {
    random: ChaCha20Rng,
    /// Whose session each token is, and when it ends in milliseconds since 1970.
    sessions: HashMap<String, (RecordId, i64)>,
    refresh_tokens: HashMap<String, RecordId>,
    /// Tokens that were exchanged for a new one. Whoever uses one again has stolen it, or lost the new one.
    rotated: HashMap<String, RecordId>,
    rotates: bool,
}

/// A token just given out.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) signature: [u8; 32],
}

impl Sessions {
    pub(super) fn new(lifetime_millis: i64) -> Sessions {
        let random = ChaCha20Rng::from_os_rng();
        let open = Open {
            random,
            sessions: HashMap::new(),
            refresh_tokens: HashMap::new(),
            rotated: HashMap::new(),
            rotates: false,
        };
        Sessions { lifetime_millis, open: Mutex::new(open) }
    }

    pub(super) fn open(&self, user: RecordId, now: i64) -> Token {
        let mut open = self.lock();
        open.sessions.retain(|_, (_, ends_at)| *ends_at > now);
        let secret = URL_SAFE_NO_PAD.encode(open.random_bytes::<48>());
        let signature = open.random_bytes::<32>();
        let text = format!("{}!AQEA.{secret}", &organization_id()[..15]);
        open.sessions.insert(text.clone(), (user, now.saturating_add(self.lifetime_millis)));
        Token { text, signature }
    }

    /// A refresh token for a user, as a web login would have given.
    pub(crate) fn issue_refresh_token(&self, user: RecordId) -> String {
        self.lock().new_refresh_token(user)
    }

    /// Whose session this is, while it lives.
    pub(crate) fn user(&self, token: &str, now: i64) -> Option<RecordId> {
        let open = self.lock();
        open.sessions.get(token).filter(|(_, ends_at)| now < *ends_at).map(|(user, _)| *user)
    }

    pub(super) fn expires_at(&self, token: &str, now: i64) -> Option<i64> {
        let open = self.lock();
        open.sessions.get(token).map(|(_, ends_at)| *ends_at).filter(|it| now < *it)
    }

    /// Whose refresh token this is, and the one that takes its place where tokens rotate. A rotated one that is used
    /// again ends the whole grant.
    pub(super) fn refresh(&self, refresh_token: &str) -> Option<(RecordId, Option<String>)> {
        let mut open = self.lock();
        if let Some(user) = open.rotated.get(refresh_token).copied() {
            open.refresh_tokens.retain(|_, it| *it != user);
            return None;
        }
        let user = open.refresh_tokens.get(refresh_token).copied()?;
        if !open.rotates {
            return Some((user, None));
        }
        open.refresh_tokens.remove(refresh_token);
        open.rotated.insert(refresh_token.to_owned(), user);
        let text = open.new_refresh_token(user);
        Some((user, Some(text)))
    }

    /// Whether each use of a refresh token brings a new one.
    pub(crate) fn set_rotation(&self, rotates: bool) {
        self.lock().rotates = rotates;
    }

    /// Ends a session, or forgets a refresh token.
    pub(crate) fn revoke(&self, token: &str) {
        let mut open = self.lock();
        open.sessions.remove(token);
        open.refresh_tokens.remove(token);
    }

    /// Ends all sessions; refresh tokens stay.
    pub(crate) fn end_all(&self) {
        self.lock().sessions.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn new_refresh_token(&mut self, user: RecordId) -> String {
        let text = format!("{REFRESH_PREFIX}{}", URL_SAFE_NO_PAD.encode(self.random_bytes::<48>()));
        self.refresh_tokens.insert(text.clone(), user);
        text
    }

    fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill_bytes(&mut bytes);
        bytes
    }
}
