//! One token: its head before the signature is checked, its claims after.
//!
//! Here: every check that a token must pass. The library checks the signature only: it takes missing claims for
//! right ones, ignores `crit`, and asks the machine for the time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::text::Language;
use jsonwebtoken::{Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::jwks::VerifyingKey;
use super::{Caller, Unauthenticated, invalid};
use crate::platform::config;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Larger tokens are refused unread.
const MOST_BYTES: usize = 16 << 10;
/// Longest subject, in characters (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

/// What a token says of itself before anything is believed.
pub(super) struct Head {
    /// Which of the issuer's keys signed it.
    pub(super) key_id: String,
    /// Whose keys to look in.
    pub(super) issuer: String,
}

/// Reads what is needed to find the key. Nothing of it counts until the signature is checked.
pub(super) fn peek(token: &str) -> Result<Head, Unauthenticated> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
    }
    if token.len() > MOST_BYTES {
        return invalid("larger than 16 KiB");
    }
    let Ok(header) = jsonwebtoken::decode_header(token) else { return invalid("malformed header") };
    check_header(&header)?;
    let Ok(claims) = jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(token) else {
        return invalid("malformed claims");
    };
    match header.kid {
        Some(key_id) => Ok(Head { key_id, issuer: claims.iss }),
        None => invalid("no kid"),
    }
}

/// A token may not bring its own key, nor ask for extensions that nobody here understands.
fn check_header(header: &Header) -> Result<(), Unauthenticated> {
    let brings_a_key = header.jwk.is_some() || header.jku.is_some();
    let brings_a_certificate = header.x5u.is_some() || header.x5c.is_some();
    let is_access_token = header.typ.as_deref().is_none_or(|it| {
        let it = it.to_ascii_lowercase();
        matches!(it.strip_prefix("application/").unwrap_or(&it), "jwt" | "at+jwt")
    });
    match header {
        _ if brings_a_key || brings_a_certificate => invalid("brings its own key"),
        Header { crit: Some(_), .. } => invalid("critical extensions"),
        Header { enc: Some(_), .. } | Header { zip: Some(_), .. } => invalid("encrypted or compressed"),
        _ if !is_access_token => invalid("another type of token"),
        _ => Ok(()),
    }
}

/// What the tokens of one issuer must keep to.
#[derive(Debug)]
pub(super) struct Issuer {
    issuer: String,
    audience: Vec<String>,
    tenant: String,
    claims: config::auth::ClaimNames,
    leeway: TimeDelta,
    max_lifetime: TimeDelta,
}

impl Issuer {
    pub(super) fn new(config: &config::Auth, issuer: &config::auth::Issuer) -> Self {
        Self {
            issuer: issuer.issuer.clone(),
            audience: issuer.audience.clone(),
            tenant: config.tenant.clone(),
            claims: config.claims.clone(),
            leeway: delta(config.leeway),
            max_lifetime: delta(config.max_lifetime),
        }
    }

    /// Whether this is the one that a token names.
    pub(super) fn is(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Checks the signature with the key, then every claim.
    pub(super) fn verify(
        &self,
        token: &str,
        key: &VerifyingKey,
        now: DateTime<Utc>,
    ) -> Result<Caller, Unauthenticated> {
        let claims = signed_claims(token, key)?;
        self.check_parties(&claims)?;
        let expires_at = self.check_times(&claims, now)?;
        Ok(Caller { expires_at: Some(expires_at), ..self.caller(&claims)? })
    }

    fn check_parties(&self, claims: &Map<String, Value>) -> Result<(), Unauthenticated> {
        let is_for_us = |it: &Value| it.as_str().is_some_and(|it| self.audience.iter().any(|us| us == it));
        let audience_is_right = match claims.get("aud") {
            Some(Value::Array(audience)) => audience.iter().any(is_for_us),
            Some(audience) => is_for_us(audience),
            None => false,
        };
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return invalid("another issuer");
        }
        if claims.get(&self.claims.tenant).and_then(Value::as_str) != Some(&self.tenant) {
            return invalid("another tenant");
        }
        if audience_is_right { Ok(()) } else { invalid("another audience") }
    }

    /// RFC 7519 §4.1.4–4.1.6, and a longest life. Without `iat` the life is counted from now. Gives its end.
    fn check_times(
        &self,
        claims: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Unauthenticated> {
        let Some(ends_at) = instant(claims, "exp")? else { return invalid("no exp") };
        let issued_at = instant(claims, "iat")?;
        let begins_at = instant(claims, "nbf")?;
        if now >= ends_at + self.leeway {
            return Err(Unauthenticated::Expired);
        }
        if issued_at.is_some_and(|it| it > now + self.leeway) {
            return invalid("issued in the future");
        }
        if begins_at.is_some_and(|it| it > now + self.leeway) {
            return invalid("not valid yet");
        }
        if ends_at - issued_at.unwrap_or(now) > self.max_lifetime {
            return invalid("lives too long");
        }
        Ok(ends_at + self.leeway)
    }

    fn caller(&self, claims: &Map<String, Value>) -> Result<Caller, Unauthenticated> {
        let subject = match claims.get("sub").and_then(Value::as_str) {
            Some(subject) if (1..=LONGEST_SUBJECT).contains(&subject.chars().count()) => subject.to_owned(),
            _ => return invalid("no subject, or too long a one"),
        };
        let roles: Vec<Role> =
            words(claims.get(&self.claims.roles)).iter().filter_map(|it| it.parse().ok()).collect();
        let partner = match claims.get(&self.claims.partner) {
            None | Some(Value::Null) => None,
            Some(id) => {
                match id.as_str().and_then(|it| NodeId::plain_or_global(it, NodeType::Partner).ok()) {
                    Some(id) => Some(id.into()),
                    None => return invalid("the partner is not an id"),
                }
            }
        };
        let is_of_a_partner = roles.iter().any(|it| it.is_partner());
        let user = NodeId::plain_or_global(&subject, NodeType::PartnerUser).ok().filter(|_| is_of_a_partner);
        let locale = claims.get(&self.claims.locale).and_then(Value::as_str);
        Ok(Caller {
            issuer: self.issuer.clone(),
            subject,
            tenant: self.tenant.clone(),
            roles,
            partner,
            partner_user: user.map(Into::into),
            language: locale.map(Language::of_locale).unwrap_or_default(),
            scopes: words(claims.get(&self.claims.scopes)),
            token_id: claims.get("jti").and_then(Value::as_str).map(str::to_owned),
            issued_at: instant(claims, "iat")?,
            expires_at: None,
        })
    }
}

/// The claims, once the key has proved them. The algorithm is the key's, whatever the header says.
fn signed_claims(token: &str, key: &VerifyingKey) -> Result<Map<String, Value>, Unauthenticated> {
    let mut validation = Validation::new(key.algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match jsonwebtoken::decode(token, &key.key, &validation) {
        Ok(token) => Ok(token.claims),
        Err(_) => invalid("the signature does not fit"),
    }
}

/// A list of texts, or one text with spaces (RFC 8693 §4.2). Everything else is empty.
fn words(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Seconds since 1970, possibly with a fraction (RFC 7519 §2).
fn instant(claims: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, Unauthenticated> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let seconds = claim.as_i64().or_else(|| claim.as_f64().map(|it| it.floor() as i64));
    match seconds.and_then(|it| DateTime::from_timestamp(it, 0)) {
        // Far from the ends of the calendar, so that adding the leeway cannot overflow.
        Some(at) if at.timestamp().abs() < 1 << 38 => Ok(Some(at)),
        _ => invalid("a time that is none"),
    }
}

fn delta(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::days(36_500)).min(TimeDelta::days(36_500))
}
