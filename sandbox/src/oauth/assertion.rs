//! JWT bearer assertions: signed by a known key, meant for us, not expired.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value as Json;

use super::Refusal;
use crate::error::Error;
use crate::options::JwtKey;

/// Assertions live at most three minutes; clocks may differ by as much again.
const LONGEST_LIFE_SECONDS: i64 = 360;
const GENERIC_AUDIENCES: [&str; 2] = ["https://login.salesforce.com", "https://test.salesforce.com"];

/// Public keys and the users they may act as.
pub(super) struct Keys(Vec<(DecodingKey, String)>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(_, username)| username)).finish()
    }
}

impl Keys {
    pub(super) fn new(keys: &[JwtKey]) -> Result<Keys, Error> {
        let read = |key: &JwtKey| {
            let decoding = DecodingKey::from_rsa_pem(key.public_key_pem.as_bytes());
            let username = key.username.clone();
            match decoding {
                Ok(decoding) => Ok((decoding, username)),
                Err(source) => Err(Error::JwtKey { username, source }),
            }
        };
        keys.iter().map(read).collect::<Result<_, _>>().map(Keys)
    }

    /// The username a valid assertion speaks for.
    pub(super) fn check(
        &self,
        assertion: &str,
        client_id: &str,
        own_url: &str,
        now: i64,
    ) -> Result<String, Refusal> {
        let invalid = Refusal(400, "invalid_grant", "invalid assertion");
        let mut validation = Validation::new(Algorithm::RS256);
        // The org's own clock decides, and some clients send `exp` as text.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let checked = self.0.iter().find_map(|(key, username)| {
            let claims = decode::<Json>(assertion, key, &validation).ok()?.claims;
            (claims["sub"].as_str() == Some(username)).then_some(claims)
        });
        let claims = checked.ok_or(invalid)?;
        if claims["iss"].as_str() != Some(client_id) {
            return Err(Refusal(400, "invalid_client_id", "client identifier invalid"));
        }
        if !is_audience(&claims["aud"], own_url) {
            return Err(Refusal(400, "invalid_grant", "Audience validation failed"));
        }
        let expires =
            claims["exp"].as_f64().or_else(|| claims["exp"].as_str()?.parse().ok()).unwrap_or(0.0) as i64;
        if expires <= now || expires > now + LONGEST_LIFE_SECONDS {
            return Err(Refusal(400, "invalid_grant", "expired authorization code or assertion"));
        }
        claims["sub"].as_str().map(str::to_owned).ok_or(Refusal(400, "invalid_grant", "invalid assertion"))
    }
}

/// The login hosts, or this server itself; with or without a slash at the end, alone or in a list.
fn is_audience(audience: &Json, own_url: &str) -> bool {
    let fits = |it: &Json| {
        let it = it.as_str().unwrap_or_default().trim_end_matches('/');
        GENERIC_AUDIENCES.contains(&it) || (!own_url.is_empty() && it == own_url)
    };
    audience.as_array().map_or_else(|| fits(audience), |list| list.iter().any(fits))
}
