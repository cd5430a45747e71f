//! Whether a push comes from whom it says.
//!
//! Two ways: an HMAC-SHA256 over name, time and body in headers, or, for senders that can do no more, the secret itself in the
//! address or in the `Authorization` header. Two secrets count at once, so that one can be replaced without a gap.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};

use crate::platform::secret::Secret;

/// When the sender signed, in seconds since 1970.
pub const TIMESTAMP: &str = "x-webhook-timestamp";
/// `sha256=` and the signature in hexadecimal digits.
pub const SIGNATURE: &str = "x-webhook-signature";
/// By which a delivery is known when it comes again; signed with it, or whoever overheard a push could send it under
/// another name.
pub const DELIVERY: &str = "x-webhook-id";

/// How senders to one source are known.
#[derive(Debug, Clone, Default)]
pub struct WebhookKeys {
    /// The secrets that count, the present one first. Without any, nobody may push.
    pub secrets: Vec<Secret>,
    /// How far the sender's clock may be off, and how long a delivery may be on its way.
    pub tolerance: TimeDelta,
}

/// Why a push is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Distrust {
    #[error("sign with `{SIGNATURE}` and `{TIMESTAMP}`, or pass the shared secret")]
    NoProof,
    #[error("the signature or the secret is wrong")]
    WrongProof,
    #[error("`{TIMESTAMP}` is too old or lies in the future; sign anew, and check the clock")]
    OutOfTime,
}

/// What a push brings to prove itself.
pub(super) struct Proof<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
}

impl WebhookKeys {
    /// Checks a push.
    pub(super) fn check(&self, proof: &Proof<'_>, now: DateTime<Utc>) -> Result<(), Distrust> {
        match (text(proof.headers, SIGNATURE), text(proof.headers, TIMESTAMP)) {
            (Some(signature), Some(timestamp)) => self.check_signature(proof, signature, timestamp, now),
            (None, None) => self.check_secret(&shared_secret(proof).ok_or(Distrust::NoProof)?),
            _ => Err(Distrust::NoProof),
        }
    }

    fn check_signature(
        &self,
        proof: &Proof<'_>,
        signature: &str,
        timestamp: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Distrust> {
        let signed = signature.strip_prefix("sha256=").and_then(from_hex).ok_or(Distrust::WrongProof)?;
        let named = text(proof.headers, DELIVERY).map_or_else(String::new, |it| format!("{it}."));
        let bytes = [named.as_bytes(), timestamp.as_bytes(), b".", proof.body].concat();
        let is_right = |secret: &Secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
            // Takes as long for a wrong signature as for a right one.
            hmac::verify(&key, &bytes, &signed).is_ok()
        };
        if !self.secrets.iter().any(is_right) {
            return Err(Distrust::WrongProof);
        }
        let at = timestamp.parse().ok().and_then(|it| DateTime::from_timestamp(it, 0));
        let is_fresh = at.is_some_and(|at| (now - at).abs() <= self.tolerance);
        if is_fresh { Ok(()) } else { Err(Distrust::OutOfTime) }
    }

    fn check_secret(&self, given: &str) -> Result<(), Distrust> {
        let is_it =
            |secret: &Secret| verify_slices_are_equal(secret.reveal().as_bytes(), given.as_bytes()).is_ok();
        if self.secrets.iter().any(is_it) { Ok(()) } else { Err(Distrust::WrongProof) }
    }
}

/// `Authorization: Bearer …`, or `?secret=…` from senders that can only be given an address.
fn shared_secret(proof: &Proof<'_>) -> Option<String> {
    let bearer = text(proof.headers, "authorization").and_then(|it| it.strip_prefix("Bearer "));
    let in_query = || {
        let url = reqwest::Url::parse(&format!("http://localhost/?{}", proof.query)).ok()?;
        url.query_pairs().find_map(|(name, value)| (name == "secret").then(|| value.into_owned()))
    };
    bearer.map(str::to_owned).or_else(in_query)
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"a":1}"#;

    fn keys() -> WebhookKeys {
        let secrets = vec![Secret::from("new secret"), Secret::from("old secret")];
        WebhookKeys { secrets, tolerance: TimeDelta::minutes(5) }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn signed(secret: &str, at: i64) -> HeaderMap {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, &[format!("{at}.").as_bytes(), BODY].concat());
        let digits: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, format!("sha256={digits}").parse().unwrap());
        headers.insert(TIMESTAMP, at.to_string().parse().unwrap());
        headers
    }

    #[test]
    fn the_name_is_signed_too() {
        let at = now().timestamp();
        let mut renamed = signed("new secret", at);
        renamed.insert(DELIVERY, "another".parse().unwrap());
        assert_eq!(check(&renamed, ""), Err(Distrust::WrongProof));
    }

    fn check(headers: &HeaderMap, query: &str) -> Result<(), Distrust> {
        keys().check(&Proof { headers, query, body: BODY }, now())
    }

    #[test]
    fn both_secrets_count_while_one_is_replaced() {
        let at = now().timestamp();
        assert_eq!(check(&signed("new secret", at), ""), Ok(()));
        assert_eq!(check(&signed("old secret", at), ""), Ok(()));
        assert_eq!(check(&signed("older secret", at), ""), Err(Distrust::WrongProof));
    }

    #[test]
    fn a_signature_counts_for_its_time() {
        let at = now().timestamp();
        assert_eq!(check(&signed("new secret", at - 300), ""), Ok(()));
        assert_eq!(check(&signed("new secret", at - 301), ""), Err(Distrust::OutOfTime));
        assert_eq!(check(&signed("new secret", at + 301), ""), Err(Distrust::OutOfTime));
        let mut moved = signed("new secret", at - 1_000);
        moved.insert(TIMESTAMP, at.to_string().parse().unwrap());
        assert_eq!(check(&moved, ""), Err(Distrust::WrongProof), "the time is signed, too");
    }

    #[test]
    fn who_cannot_sign_passes_the_secret() {
        let none = HeaderMap::new();
        assert_eq!(check(&none, "secret=new%20secret"), Ok(()));
        assert_eq!(check(&none, "secret=wrong"), Err(Distrust::WrongProof));
        assert_eq!(check(&none, ""), Err(Distrust::NoProof));
        let mut bearer = HeaderMap::new();
        bearer.insert("authorization", "Bearer old secret".parse().unwrap());
        assert_eq!(check(&bearer, ""), Ok(()));
    }

    #[test]
    fn without_a_secret_nobody_may_push() {
        let headers = signed("", now().timestamp());
        let proof = Proof { headers: &headers, query: "secret=", body: BODY };
        assert_eq!(WebhookKeys::default().check(&proof, now()), Err(Distrust::WrongProof));
    }
}
