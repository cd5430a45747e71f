//! `[auth]`: whose tokens are accepted, and what their claims are called.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::section::{Reading, Section};

/// Issuers and what every token must keep to.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The tenant this installation serves; tokens of another are refused.
    pub tenant: String,
    /// How far an issuer's clock may be off.
    pub leeway: Duration,
    /// The longest life of a token, from `iat` to `exp`.
    pub max_lifetime: Duration,
    /// Names of the claims.
    pub claims: ClaimNames,
    /// The issuers, by the name of their section.
    pub issuers: BTreeMap<String, Issuer>,
}

/// Names of the claims that carry what a caller is.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    /// The tenant.
    pub tenant: String,
    /// The list of roles.
    pub roles: String,
    /// The partner, for people of a partner.
    pub partner: String,
    /// The list of scopes, or one text with spaces.
    pub scopes: String,
    /// The language.
    pub locale: String,
}

/// One party whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Must equal `iss`.
    pub issuer: String,
    /// One of these must be in `aud`.
    pub audience: Vec<String>,
    /// Where its public keys are: in a file, at an address, or both.
    pub keys: Vec<KeySource>,
    /// The algorithms it may sign with.
    pub algorithms: Vec<SigningAlgorithm>,
}

/// Where a set of public keys (JWKS) is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// At an address; `https`, or `http` on this machine.
    Url(String),
}

/// A signature that proves who issued a token. Symmetric ones are left out: whoever checks them could forge them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
pub enum SigningAlgorithm {
    /// RSA, PKCS #1 1.5, SHA-256.
    #[strum(serialize = "RS256")]
    Rs256,
    /// ECDSA on P-256, SHA-256.
    #[strum(serialize = "ES256")]
    Es256,
    /// Ed25519.
    #[strum(serialize = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            tenant: "tenant".to_owned(),
            roles: "roles".to_owned(),
            partner: "partnerId".to_owned(),
            scopes: "scopes".to_owned(),
            locale: "locale".to_owned(),
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            tenant: "default".to_owned(),
            leeway: Duration::from_secs(30),
            max_lifetime: Duration::from_secs(24 * 3_600),
            claims: ClaimNames::default(),
            issuers: BTreeMap::new(),
        }
    }
}

impl Auth {
    pub(super) fn read(reading: &mut Reading) -> Option<Self> {
        let default = Self::default();
        let mut section = reading.section("auth");
        let tenant = section.or("tenant", default.tenant);
        let leeway = section.or("leeway", default.leeway);
        let max_lifetime = section.or("max_lifetime", default.max_lifetime);
        let claims = ClaimNames::read(reading);
        let names = reading.names_in("auth.issuers");
        // Collected first: one broken issuer must not hide the problems of the next.
        let issuers: Vec<_> = names.into_iter().map(|name| (Issuer::read(reading, &name), name)).collect();
        let issuers =
            issuers.into_iter().map(|(issuer, name)| Some((name, issuer?))).collect::<Option<_>>()?;
        Some(Self { tenant, leeway, max_lifetime, claims, issuers })
    }
}

impl ClaimNames {
    fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("auth.claims");
        Self {
            tenant: section.or("tenant", default.tenant),
            roles: section.or("roles", default.roles),
            partner: section.or("partner", default.partner),
            scopes: section.or("scopes", default.scopes),
            locale: section.or("locale", default.locale),
        }
    }
}

impl Issuer {
    fn read(reading: &mut Reading, name: &str) -> Option<Self> {
        let mut section = reading.section(format!("auth.issuers.{name}"));
        let issuer = section.required("issuer");
        let audience = section.required("audience");
        let keys = KeySource::read(&mut section);
        let algorithms = algorithms(&mut section);
        Some(Self { issuer: issuer?, audience: audience?, keys, algorithms: algorithms? })
    }
}

impl KeySource {
    /// A wrong address is a problem of its own.
    fn read(section: &mut Section<'_>) -> Vec<Self> {
        let file = section.path("jwks_file");
        let url: Option<String> = section.optional("jwks_url");
        if file.is_none() && url.is_none() {
            section.refuse("jwks_file", "give jwks_file, jwks_url, or both");
        }
        if url.as_ref().is_some_and(|it| !is_trustworthy(it)) {
            section.refuse("jwks_url", "expected https://…, or http:// on 127.0.0.1 or localhost");
        }
        file.map(Self::File).into_iter().chain(url.map(Self::Url)).collect()
    }
}

/// Keys over plain HTTP could be anyone's, unless they never leave this machine.
fn is_trustworthy(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| {
        let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        url.scheme() == "https" || (url.scheme() == "http" && is_local)
    })
}

fn algorithms(section: &mut Section<'_>) -> Option<Vec<SigningAlgorithm>> {
    let all = SigningAlgorithm::ALL.map(|it| <&str>::from(it).to_owned()).to_vec();
    let names: Vec<String> = section.or("algorithms", all);
    let known: Option<Vec<_>> = names.iter().map(|name| name.parse().ok()).collect();
    if known.as_ref().is_none_or(Vec::is_empty) {
        section.refuse("algorithms", "expected one or more of RS256, ES256, EdDSA");
    }
    known
}
