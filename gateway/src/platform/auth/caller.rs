//! Who is calling: what a verified token said.

use chrono::{DateTime, Utc};
use domain::access::{Identity, Permission, Role};
use domain::ids::{PartnerId, PartnerUserId};
use domain::text::Language;

/// A caller whose token was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who vouches for the subject: the token's issuer; empty for keys of our own and the command line.
    pub issuer: String,
    /// The token's subject; for a partner's people, the id of the partner user.
    pub subject: String,
    /// The tenant the token was issued for.
    pub tenant: String,
    /// The roles it carries.
    pub roles: Vec<Role>,
    /// The partner it belongs to.
    pub partner: Option<PartnerId>,
    /// The partner user it is.
    pub partner_user: Option<PartnerUserId>,
    /// The language of labels.
    pub language: Language,
    /// OAuth scopes, as given.
    pub scopes: Vec<String>,
    /// The token's own id (`jti`), if it has one.
    pub token_id: Option<String>,
    /// When the token was issued, if it says so.
    pub issued_at: Option<DateTime<Utc>>,
    /// When the token is of no use any more; never for the command line.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The caller's roles do not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("your role does not allow this; ask an administrator for a role that may: {}", permission.code())]
pub struct AccessRefused {
    /// What was wanted.
    pub permission: Permission,
}

impl Caller {
    /// The command line on the machine itself: whoever may read the database may do everything.
    pub fn operator() -> Self {
        Self {
            issuer: String::new(),
            subject: "operator".to_owned(),
            tenant: "default".to_owned(),
            roles: vec![Role::Admin],
            partner: None,
            partner_user: None,
            language: Language::En,
            scopes: Vec::new(),
            token_id: None,
            issued_at: None,
            expires_at: None,
        }
    }

    /// The caller as the access rules see it.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            subject: &self.subject,
            roles: &self.roles,
            partner: self.partner,
            partner_user: self.partner_user,
        }
    }

    /// By which callers are told apart where they are counted: two issuers may have the same subject. A hash, because subjects may
    /// be mail addresses, which are no other system's business.
    pub fn account(&self) -> String {
        let parts = [self.issuer.as_bytes(), self.subject.as_bytes()];
        blake3::hash(&parts.join(&0)).to_hex().to_string()
    }

    /// Whether one of the roles may do it.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.may(permission))
    }

    /// Checks that one of the roles may do it.
    pub fn require(&self, permission: Permission) -> Result<(), AccessRefused> {
        if self.may(permission) { Ok(()) } else { Err(AccessRefused { permission }) }
    }

    /// Whether the caller belongs to the vendor rather than to a partner.
    pub fn is_staff(&self) -> bool {
        self.roles.iter().any(|role| !role.is_partner())
    }
}
