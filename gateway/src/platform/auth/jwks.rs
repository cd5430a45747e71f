//! The public keys of one issuer, from a file or an address.
//!
//! Here: reading a key set (RFC 7517), keeping it, and reading it again when a token names a key that is not in
//! it. Replicas share what one of them fetched.
//! Not here: which tokens a key may prove (`jwt`).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::platform::cache::Cache;
use crate::platform::config::auth::{Issuer, KeySource, SigningAlgorithm};

/// The least time between two readings: a flood of unknown keys must not become a flood of requests.
const FLOOR: TimeDelta = TimeDelta::seconds(60);
/// A set older than this is read again even though it knows the key: keys are also withdrawn.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long replicas keep a fetched document, in case the issuer is down when one of them starts.
const SHARED_FOR: Duration = Duration::from_secs(24 * 3_600);
/// For the whole answer of an issuer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest document taken from an issuer.
const MOST_BYTES: usize = 512 << 10;
/// The shortest RSA modulus (RFC 7518 §3.3: 2,048 bits).
const SHORTEST_MODULUS_BYTES: usize = 256;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// The file cannot be read.
    #[error("cannot read the keys in {}: {source}; check auth.issuers.*.jwks_file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address does not answer as it should.
    #[error("cannot fetch the keys from {url}: {reason}; check auth.issuers.*.jwks_url")]
    Unreachable {
        /// The address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The document is not a key set, or has no key that could prove a token.
    #[error("{place} holds no key that could be used: {reason}")]
    Unusable {
        /// The file or address.
        place: String,
        /// What is missing.
        reason: String,
    },
}

/// One public key and the one algorithm it is for.
pub(super) struct VerifyingKey {
    /// Follows from the key.
    pub(super) algorithm: Algorithm,
    /// The key.
    pub(super) key: DecodingKey,
}

/// The keys of one issuer.
pub(super) struct KeySet {
    source: KeySource,
    allowed: Vec<SigningAlgorithm>,
    client: reqwest::Client,
    cache: Cache,
    held: RwLock<Held>,
    attempted_at: Mutex<Option<DateTime<Utc>>>,
}

#[derive(Default)]
struct Held {
    keys: HashMap<String, Arc<VerifyingKey>>,
    read_at: Option<DateTime<Utc>>,
}

/// What replicas share of an address.
#[derive(Serialize, Deserialize)]
struct Fetched {
    at: DateTime<Utc>,
    document: String,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("source", &self.source).finish_non_exhaustive()
    }
}

impl KeySet {
    /// The sets of an issuer, none of which has been read yet.
    pub(super) fn all(issuer: &Issuer, cache: &Cache) -> Result<Vec<Self>, KeySetError> {
        issuer.keys.iter().map(|source| Self::new(source, issuer, cache.clone())).collect()
    }

    /// How many usable keys an issuer has, in all of its sets.
    pub(super) async fn count(issuer: &Issuer, now: DateTime<Utc>) -> Result<usize, KeySetError> {
        let mut count = 0;
        for keys in Self::all(issuer, &Cache::in_process())? {
            count += keys.load(now).await?;
        }
        Ok(count)
    }

    /// The key of that id, in the first of several sets that has it.
    pub(super) async fn find_in(
        sets: &[Self],
        key_id: &str,
        now: DateTime<Utc>,
    ) -> Option<Arc<VerifyingKey>> {
        if let Some(key) = sets.iter().find_map(|it| it.fresh(key_id, now)) {
            return Some(key);
        }
        for keys in sets {
            if let Some(key) = keys.find(key_id, now).await {
                return Some(key);
            }
        }
        None
    }

    fn fresh(&self, key_id: &str, now: DateTime<Utc>) -> Option<Arc<VerifyingKey>> {
        let (key, is_fresh) = self.look_up(key_id, now);
        key.filter(|_| is_fresh)
    }

    fn new(source: &KeySource, issuer: &Issuer, cache: Cache) -> Result<Self, KeySetError> {
        let client = reqwest::Client::builder()
            .timeout(FETCH_TIMEOUT)
            .connect_timeout(FETCH_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| unreachable(&format!("{source:?}"), error))?;
        Ok(Self {
            source: source.clone(),
            allowed: issuer.algorithms.clone(),
            client,
            cache,
            held: RwLock::default(),
            attempted_at: Mutex::default(),
        })
    }

    /// Whether it is read over the network.
    pub(super) fn is_remote(&self) -> bool {
        matches!(self.source, KeySource::Url(_))
    }

    /// The key of that id. Reads the set again when it lacks the key or is old, at most once a minute;
    /// a reading that fails leaves what was there.
    pub(super) async fn find(&self, key_id: &str, now: DateTime<Utc>) -> Option<Arc<VerifyingKey>> {
        let (found, is_fresh) = self.look_up(key_id, now);
        match found {
            Some(key) if is_fresh => return Some(key),
            // Others need not wait for the one who reads.
            Some(key) => match self.attempted_at.try_lock() {
                Ok(attempted_at) => self.reload(attempted_at, now).await,
                Err(_) => return Some(key),
            },
            None => self.reload(self.attempted_at.lock().await, now).await,
        }
        self.look_up(key_id, now).0
    }

    async fn reload(
        &self,
        mut attempted_at: tokio::sync::MutexGuard<'_, Option<DateTime<Utc>>>,
        now: DateTime<Utc>,
    ) {
        if attempted_at.is_some_and(|it| (now - it).abs() < FLOOR) {
            return;
        }
        *attempted_at = Some(now);
        if let Err(error) = self.load(now).await {
            tracing::warn!(%error, "the keys stay as they were");
        }
    }

    /// Reads the set; tells how many keys it has.
    pub(super) async fn load(&self, now: DateTime<Utc>) -> Result<usize, KeySetError> {
        let document = match &self.source {
            KeySource::File(path) => tokio::fs::read_to_string(path)
                .await
                .map_err(|source| KeySetError::Unreadable { path: path.clone(), source })?,
            KeySource::Url(url) => self.shared_or_fetched(url, now).await?,
        };
        let keys = self.parse(&document)?;
        let count = keys.len();
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Held { keys, read_at: Some(now) };
        Ok(count)
    }

    fn look_up(&self, key_id: &str, now: DateTime<Utc>) -> (Option<Arc<VerifyingKey>>, bool) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = held.read_at.is_some_and(|it| now - it < FRESH);
        (held.keys.get(key_id).cloned(), is_fresh)
    }

    /// What another replica fetched a moment ago, or the issuer's answer, or what was fetched before it went down.
    async fn shared_or_fetched(&self, url: &str, now: DateTime<Utc>) -> Result<String, KeySetError> {
        let shared = self.shared(url).await;
        if let Some(it) = shared.as_ref().filter(|it| (now - it.at).abs() < FLOOR) {
            return Ok(it.document.clone());
        }
        match self.fetch(url).await {
            Ok(document) => {
                self.share(url, Fetched { at: now, document: document.clone() }).await;
                Ok(document)
            }
            Err(error) => shared.map(|it| it.document).ok_or(error),
        }
    }

    async fn shared(&self, url: &str) -> Option<Fetched> {
        let text = self.cache.get(&shared_key(url)).await.ok()??;
        serde_json::from_str(&text).ok()
    }

    async fn share(&self, url: &str, fetched: Fetched) {
        let text = serde_json::to_string(&fetched).expect("a time and a text are JSON");
        if let Err(error) = self.cache.set(&shared_key(url), &text, SHARED_FOR).await {
            tracing::debug!(%error, "the keys are not shared");
        }
    }

    async fn fetch(&self, url: &str) -> Result<String, KeySetError> {
        let answer = self.client.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(|error| unreachable(url, error.without_url()))?;
        let mut document = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| unreachable(url, error.without_url()))? {
            document.extend_from_slice(&piece);
            if document.len() > MOST_BYTES {
                return Err(unreachable(url, "the answer is larger than 512 KiB"));
            }
        }
        String::from_utf8(document).map_err(|error| unreachable(url, error))
    }

    fn parse(&self, document: &str) -> Result<HashMap<String, Arc<VerifyingKey>>, KeySetError> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_str(document).map_err(|error| self.unusable(error))?;
        let mut keys = HashMap::new();
        // Sets also hold keys for other purposes and kinds still to be invented: those are passed over.
        for key in document.keys.into_iter().filter_map(|it| serde_json::from_value::<Jwk>(it).ok()) {
            if let (Some(id), Some(verifying)) = (&key.common.key_id, self.verifying(&key)) {
                keys.entry(id.clone()).or_insert_with(|| Arc::new(verifying));
            }
        }
        if keys.is_empty() {
            return Err(self.unusable("expected a key with a kid for one of the allowed algorithms"));
        }
        Ok(keys)
    }

    fn verifying(&self, key: &Jwk) -> Option<VerifyingKey> {
        let algorithm = algorithm_of(key)?;
        let is_for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
        if !is_for_signatures || !self.allowed.contains(&algorithm) {
            return None;
        }
        let key = DecodingKey::from_jwk(key).ok()?;
        let algorithm = match algorithm {
            SigningAlgorithm::Rs256 => Algorithm::RS256,
            SigningAlgorithm::Es256 => Algorithm::ES256,
            SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        };
        Some(VerifyingKey { algorithm, key })
    }

    fn unusable(&self, reason: impl ToString) -> KeySetError {
        let place = match &self.source {
            KeySource::File(path) => path.display().to_string(),
            KeySource::Url(url) => url.clone(),
        };
        KeySetError::Unusable { place, reason: reason.to_string() }
    }
}

/// The one algorithm that a key is for, by its kind; `None` when it says otherwise itself or is too short.
fn algorithm_of(key: &Jwk) -> Option<SigningAlgorithm> {
    let (algorithm, declared) = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            (modulus.len() >= SHORTEST_MODULUS_BYTES)
                .then_some((SigningAlgorithm::Rs256, KeyAlgorithm::RS256))?
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (SigningAlgorithm::Es256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            (SigningAlgorithm::EdDsa, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    key.common.key_algorithm.is_none_or(|it| it == declared).then_some(algorithm)
}

fn shared_key(url: &str) -> String {
    format!("jwks:{url}")
}

fn unreachable(url: &str, reason: impl ToString) -> KeySetError {
    KeySetError::Unreachable { url: url.to_owned(), reason: reason.to_string() }
}
